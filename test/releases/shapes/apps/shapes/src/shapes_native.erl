%% Asks for native code, and does without where there is none, which is always. The same in all versions but 1.5.0:
%% what a library that was loaded once would do then is not for release_handler to know.
-module(shapes_native).

-export([show/0]).
-on_load(load/0).

load() ->
    _ = erlang:load_nif(filename:join(code:lib_dir(shapes, priv), "none"), 0),
    ok.

-spec show() -> iodata().
-if(?SHAPES =:= 150).
show() -> "slow but sure".
-else.
show() -> "slow".
-endif.
