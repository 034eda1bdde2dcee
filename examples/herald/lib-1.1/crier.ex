defmodule Herald.Crier do
  @moduledoc "Counts its cries, and knows how loud the last one was: the state is a map."
  @vsn "map"
  use GenServer

  def start_link(_options), do: GenServer.start_link(__MODULE__, [], name: __MODULE__)

  def cry, do: GenServer.call(__MODULE__, :cry)
  def cries, do: GenServer.call(__MODULE__, :cries)

  @impl true
  def init([]), do: {:ok, %{count: 0, last: "silent"}}

  @impl true
  def handle_call(:cry, _from, %{count: count}) do
    state = %{count: count + 1, last: "loud"}
    {:reply, told(state), state}
  end

  def handle_call(:cries, _from, state), do: {:reply, told(state), state}

  defp told(%{count: count, last: last}), do: "#{count} #{last}"

  # Down to the integer, up to the map; between two versions with a map nothing changes.
  @impl true
  def code_change({:down, "integer"}, %{count: count}, _extra), do: {:ok, count}

  def code_change(_from, count, _extra) when is_integer(count),
    do: {:ok, %{count: count, last: "silent"}}

  def code_change(_from, state, _extra), do: {:ok, state}
end
