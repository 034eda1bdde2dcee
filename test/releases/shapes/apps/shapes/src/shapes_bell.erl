%% A gen_event; what it holds is its handler's, shapes_bell_log. The same in all versions.
-module(shapes_bell).

-export([start_link/0, show/0, add/0]).

start_link() ->
    {ok, Pid} = gen_event:start_link({local, ?MODULE}),
    ok = gen_event:add_handler(Pid, shapes_bell_log, []),
    {ok, Pid}.

%% A handler that has crashed is gone, and the gen_event goes on without it.
show() ->
    case gen_event:call(?MODULE, shapes_bell_log, show) of
        {error, Reason} -> error({no_handler, Reason});
        Text -> Text
    end.

add() -> gen_event:sync_notify(?MODULE, ring).
