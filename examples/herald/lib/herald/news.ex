defprotocol Herald.News do
  @moduledoc "Who implements it is in the consolidated protocol, and differs between the versions."
  def told(item)
end
