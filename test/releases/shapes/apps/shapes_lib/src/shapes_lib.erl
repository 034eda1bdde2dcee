%% Differs in each version, and in "1.1.0 built again". 1.1.0 of shapes calls what 1.0.0 does not have.
-module(shapes_lib).

-export([area/1]).
-if(?SHAPES >= 110).
-export([label/2]).
-endif.

-spec area(number()) -> iodata().
-if(?SHAPES < 110).
area(Radius) -> shapes_lib_text:pair(area, Radius * Radius * 3).
-elif(?SHAPES =:= 111).
area(Radius) -> shapes_lib_text:pair(area, Radius * Radius * 3.14).
-else.
area(Radius) -> shapes_lib_text:pair(area, Radius * Radius * 3.1).
-endif.

-if(?SHAPES >= 110).
-spec label(atom(), atom()) -> iodata().
label(Key, Value) -> [" ", shapes_lib_text:pair(Key, Value)].
-endif.
