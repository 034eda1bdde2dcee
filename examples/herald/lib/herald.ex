defmodule Herald do
  @moduledoc "Answers every HTTP request with `VERSION GREETING TOWN`, one at a time."
  use Application

  @impl true
  def start(_type, _args) do
    port = Application.get_env(:herald, :port, 4000)

    {:ok, listener} =
      :gen_tcp.listen(port, [:binary, packet: :http_bin, active: false, reuseaddr: true])

    Supervisor.start_link([{Task, fn -> serve(listener) end}], strategy: :one_for_one)
  end

  defp serve(listener) do
    {:ok, socket} = :gen_tcp.accept(listener)
    answer(socket)
    :gen_tcp.close(socket)
    serve(listener)
  end

  # A client that goes away early is its own business.
  defp answer(socket) do
    case :gen_tcp.recv(socket, 0, 5_000) do
      {:ok, :http_eoh} ->
        :gen_tcp.send(socket, response(Enum.join([version(), greeting(), town()], " ")))

      {:ok, _request_or_header} ->
        answer(socket)

      {:error, _reason} ->
        :ok
    end
  end

  defp response(body) do
    "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: #{byte_size(body)}\r\nconnection: close\r\n\r\n#{body}"
  end

  defp version, do: :herald |> Application.spec(:vsn) |> to_string()
  defp greeting, do: :herald |> Application.get_env(:greeting, "hear ye") |> to_string()
  defp town, do: System.get_env("HERALD_TOWN", "")
end
