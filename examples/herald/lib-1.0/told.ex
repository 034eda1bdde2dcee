defimpl Herald.News, for: Integer do
  def told(number), do: "number #{number}"
end

defimpl Herald.News, for: BitString do
  def told(text), do: "text #{text}"
end
