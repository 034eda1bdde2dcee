-module(lodger_app).
-behaviour(application).
-export([start/2, stop/1, config_change/3, init/1]).

-ifdef(BOOM).
start(_Type, _Args) ->
    {error, boom_at_start}.
-else.
start(_Type, _Args) ->
    supervisor:start_link(?MODULE, []).
-endif.

stop(_State) ->
    ok.

%% What a reconfiguration tells, for /told.
config_change(Changed, New, Removed) ->
    lodger_http:tell({Changed, New, Removed}).

init([]) ->
    {ok, {#{}, [#{id => http, start => {lodger_http, start_link, []}}]}}.
