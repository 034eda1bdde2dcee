%% Starts the counter and tells the log what runs where.
-module(counter_app).
-behaviour(application).

-include_lib("kernel/include/logger.hrl").

-export([start/2, stop/1, config_change/3]).

start(_Type, _Args) ->
    ok = check_boot(),
    case counter_sup:start_link() of
        {ok, Pid} ->
            {ok, Vsn} = application:get_key(counter, vsn),
            {ok, Port} = application:get_env(counter, port),
            ?LOG_NOTICE("counter ~ts listens on port ~b", [Vsn, Port]),
            {ok, Pid};
        {error, Reason} ->
            {error, Reason}
    end.

stop(_State) ->
    ok.

%% Called when the configuration of the running node is replaced. The port is not reopened.
config_change(Changed, New, Removed) ->
    ?LOG_NOTICE("counter config changed: ~0tp, new: ~0tp, removed: ~0tp", [Changed, New, Removed]),
    ok.

-ifdef(BOOM_AT_BOOT).
check_boot() -> error({boom_at_boot, "no license file"}).
-else.
check_boot() -> ok.
-endif.
