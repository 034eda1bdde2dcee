-module(shapes_app).
-behaviour(application).

-include_lib("kernel/include/logger.hrl").

-export([start/2, stop/1, config_change/3]).

start(_Type, _Args) -> shapes_sup:start_link().

stop(_State) -> ok.

config_change(Changed, New, Removed) ->
    ?LOG_NOTICE("shapes config changed: ~0tp, new: ~0tp, removed: ~0tp", [Changed, New, Removed]),
    ok.
