defmodule Herald do
  @moduledoc "An HTTP service that keeps a state, and speaks by a protocol."
  use Application

  @impl true
  def start(_type, _args) do
    port = Application.get_env(:herald, :port, 4000)

    {:ok, listener} =
      :gen_tcp.listen(port, [:binary, packet: :http_bin, active: false, reuseaddr: true])

    # A module, a function and arguments: a fun would keep the process in the code that it was made in.
    serve = %{id: Herald.Http, start: {Task, :start_link, [Herald.Http, :serve, [listener]]}}
    Supervisor.start_link([Herald.Crier, serve], strategy: :one_for_one)
  end
end
