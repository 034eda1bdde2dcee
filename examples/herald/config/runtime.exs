import Config

# Evaluated at boot, after all configuration files: what it sets wins.
if greeting = System.get_env("HERALD_GREETING"), do: config(:herald, greeting: greeting)
