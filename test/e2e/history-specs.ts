// The specs that a history begins with, and those that it writes anew.

/** What the fleet file says of each host beside its address and key. */
export const LABELS = {
  web1: ", labels: {role: web}",
  web2: ", labels: {role: web, rack: two}",
  web3: ", labels: {role: batch}",
};

/** Given to runs of pushes; plans of pull requests have none. */
export const SECRETS = { SHOP_KEY: "correct horse battery staple" };

export const counter = `name: counter
version: "1.0.0"
source: {type: release, url: "file:releases/{name}-{version}.tar.gz"}
hosts: {role: web}
health: {type: http, min_healthy_time: 200, port: 8080}
`;

export const greeter = `name: greeter
version: "1.0.0"
source: {type: release, url: "file:releases/{name}-{version}.tar.gz"}
hosts: {role: batch}
depends_on: [counter]
health: {type: http, min_healthy_time: 200, port: 8090}
`;

/** On the port that greeter has. */
export const herald = `name: herald
version: "1.0.0"
source: {type: release, url: "file:releases/{name}-{version}.tar.gz"}
hosts: {role: web}
depends_on: [counter]
env: {port: 8090}
os_env: {HERALD_TOWN: Springfield}
health: {type: http, min_healthy_time: 200, port: 8090, path: /}
`;

/** What counter's spec has become by then, in Erlang terms. */
export const counterConfig = (sha256: string): string => `%% The counter of visits.
#{
    name => counter,
    version => <<"1.2.0">>,
    description => "counts visits",
    source => #{type => release, url => <<"file:mirror/{name}-{version}.tar.gz">>, sha256 => <<"${sha256}">>},
    hosts => #{role => web},
    health => [{type, http}, {port, 8080}, {timeout, 4000}, {min_healthy_time, 200}],
    env => #{greeting => <<"hello">>, pool => #{size => 10}},
    os_env => #{'SHOP_MODE' => "loud", 'SHOP_KEY' => #{secret => 'SHOP_KEY'}},
    vm_config => #{scheduler_limit => 1},
    rollout => #{max_failures => 1},
    retain => 2
}.
`;

/** The same in JSON. */
export const counterJson = (sha256: string): string =>
  JSON.stringify(
    {
      name: "counter",
      version: "1.2.0",
      description: "counts visits",
      source: { type: "release", url: "file:mirror/{name}-{version}.tar.gz", sha256 },
      hosts: { role: "web" },
      health: { type: "http", port: 8080, timeout: 4000, min_healthy_time: 200 },
      env: { greeting: "hello", pool: { size: 10 } },
      os_env: { SHOP_MODE: "loud", SHOP_KEY: { secret: "SHOP_KEY" } },
      vm_config: { scheduler_limit: 1 },
      rollout: { max_failures: 1 },
      retain: 2,
    },
    null,
    2,
  );
