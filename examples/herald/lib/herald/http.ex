defmodule Herald.Http do
  @moduledoc "Answers HTTP requests, one at a time."

  # Wakes up each second, by a fully qualified call: after a hot upgrade it runs the new code.
  def serve(listener) do
    case :gen_tcp.accept(listener, 1_000) do
      {:ok, socket} ->
        answer(socket, "/")
        :gen_tcp.close(socket)

      {:error, :timeout} ->
        :ok
    end

    __MODULE__.serve(listener)
  end

  # A client that goes away early is its own business.
  defp answer(socket, path) do
    case :gen_tcp.recv(socket, 0, 5_000) do
      {:ok, {:http_request, _method, {:abs_path, path}, _version}} ->
        answer(socket, path)

      {:ok, :http_eoh} ->
        :gen_tcp.send(socket, response(body(path)))

      {:ok, _header} ->
        answer(socket, path)

      {:error, _reason} ->
        :ok
    end
  end

  defp body("/cry"), do: Herald.Crier.cry()
  defp body("/cries"), do: Herald.Crier.cries()
  defp body("/news/number"), do: news(7)
  defp body("/news/text"), do: news("peace")
  defp body("/news/list"), do: news([7, "peace"])
  defp body("/pid"), do: inspect(Process.whereis(Herald.Crier))
  defp body(_path), do: Enum.join([version(), greeting(), town()], " ")

  defp news(item) do
    Herald.News.told(item)
  rescue
    Protocol.UndefinedError -> "no news"
  end

  defp response(body) do
    "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: #{byte_size(body)}\r\nconnection: close\r\n\r\n#{body}"
  end

  defp version, do: :herald |> Application.spec(:vsn) |> to_string()
  defp greeting, do: :herald |> Application.get_env(:greeting, "hear ye") |> to_string()
  defp town, do: System.get_env("HERALD_TOWN", "")
end
