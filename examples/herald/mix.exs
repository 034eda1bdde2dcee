defmodule Herald.MixProject do
  use Mix.Project

  @version System.get_env("HERALD_VERSION", "1.0.0")

  # What differs between the versions; 1.1.0 and all others have the second.
  @differing if @version == "1.0.0", do: "lib-1.0", else: "lib-1.1"

  def project do
    [
      app: :herald,
      version: @version,
      elixir: "~> 1.14",
      elixirc_paths: ["lib", @differing],
      start_permanent: true,
      deps: [],
      # Without a cookie of its own each build gets a random one: no version could speak to another's node.
      releases: [herald: [cookie: "herald-example", steps: [:assemble, :tar]]]
    ]
  end

  # sasl has the release handler, which a hot upgrade is made by.
  def application, do: [extra_applications: [:logger, :sasl], mod: {Herald, []}]
end
