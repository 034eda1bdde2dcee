%% The same in all versions: a hot upgrade has nothing to load here.
-module(shapes_lib_text).

-export([pair/2]).

-spec pair(atom(), term()) -> iodata().
pair(Key, Value) -> io_lib:format("~p=~0p", [Key, Value]).
