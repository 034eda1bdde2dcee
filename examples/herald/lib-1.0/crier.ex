defmodule Herald.Crier do
  @moduledoc "Counts its cries: the state is an integer."
  @vsn "integer"
  use GenServer

  def start_link(_options), do: GenServer.start_link(__MODULE__, [], name: __MODULE__)

  def cry, do: GenServer.call(__MODULE__, :cry)
  def cries, do: GenServer.call(__MODULE__, :cries)

  @impl true
  def init([]), do: {:ok, 0}

  @impl true
  def handle_call(:cry, _from, count), do: {:reply, "#{count + 1}", count + 1}
  def handle_call(:cries, _from, count), do: {:reply, "#{count}", count}

  @impl true
  def code_change(_from, count, _extra), do: {:ok, count}
end
