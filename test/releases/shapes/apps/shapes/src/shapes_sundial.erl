%% Gone in 1.2.0: ../build-shapes.sh takes it out.
-module(shapes_sundial).

-export([show/0]).

-spec show() -> iodata().
show() -> "noon".
