%% Starts the greeter and tells the log what runs where.
-module(greeter_app).
-behaviour(application).

-include_lib("kernel/include/logger.hrl").

-export([start/2, stop/1]).

start(_Type, _Args) ->
    case greeter_sup:start_link() of
        {ok, Pid} ->
            {ok, Vsn} = application:get_key(greeter, vsn),
            {ok, Port} = application:get_env(greeter, port),
            ?LOG_NOTICE("greeter ~ts listens on port ~b", [Vsn, Port]),
            {ok, Pid};
        {error, Reason} ->
            {error, Reason}
    end.

stop(_State) ->
    ok.
