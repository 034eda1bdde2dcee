%% New in 1.1.0; ../build-shapes.sh takes it out of 1.0.0.
-module(shapes_lib_units).

-export([unit/0]).

-spec unit() -> atom().
unit() -> kg.
