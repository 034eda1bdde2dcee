%% The same in all versions; what its children are started with is theirs.
-module(shapes_sup).
-behaviour(supervisor).

-export([start_link/0, init/1]).

start_link() -> supervisor:start_link({local, ?MODULE}, ?MODULE, []).

init([]) ->
    Workers = [shapes_door, shapes_table, shapes_ledger, shapes_cart, shapes_beacon],
    {ok, {#{intensity => 5, period => 10}, [
        %% Which handlers a gen_event has is not known before it runs (stdlib, supervisor(3)).
        #{id => shapes_bell, start => {shapes_bell, start_link, []}, modules => dynamic},
        #{id => shapes_desk_sup, start => {shapes_desk_sup, start_link, []}, type => supervisor}
    ] ++ [#{id => Id, start => {Id, start_link, []}} || Id <- Workers] ++ [
        #{id => shapes_http, start => {shapes_http, start_link, []}}
    ]}}.
