-module(shapes_dep_sup).
-behaviour(supervisor).

-export([start_link/0, init/1]).

start_link() -> supervisor:start_link({local, ?MODULE}, ?MODULE, []).

init([]) ->
    {ok, {#{}, [#{id => shapes_depot, start => {shapes_depot, start_link, []}}]}}.
