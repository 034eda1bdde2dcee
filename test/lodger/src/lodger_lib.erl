-module(lodger_lib).
-export([text/0]).

text() ->
    {ok, Vsn} = application:get_key(lodger_lib, vsn),
    ["lib ", Vsn].
