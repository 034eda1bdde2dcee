defmodule Herald.MixProject do
  use Mix.Project

  def project do
    [
      app: :herald,
      version: System.get_env("HERALD_VERSION", "1.0.0"),
      elixir: "~> 1.14",
      start_permanent: true,
      deps: [],
      releases: [herald: [steps: [:assemble, :tar]]]
    ]
  end

  def application, do: [extra_applications: [:logger], mod: {Herald, []}]
end
