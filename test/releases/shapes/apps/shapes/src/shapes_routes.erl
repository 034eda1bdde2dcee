%% What is answered to which path; ../README.md has the table. Differs in 1.2.0: a thing is new, and one is gone.
-module(shapes_routes).

-export([answer/1]).

things() ->
    [
        {<<"door">>, shapes_door},
        {<<"bell">>, shapes_bell},
        {<<"table">>, shapes_table},
        {<<"ledger">>, shapes_ledger},
        {<<"cart">>, shapes_cart},
        {<<"beacon">>, shapes_beacon},
        {<<"desk">>, shapes_desk},
        {<<"depot">>, shapes_depot}
        | newer_things()
    ].

-if(?SHAPES < 120).
newer_things() -> [].
sundial() -> shapes_sundial:show().
-else.
newer_things() -> [{<<"clock">>, shapes_clock}].
sundial() -> throw(not_found).
-endif.

plain(<<"sundial">>) -> sundial();
plain(<<"lib">>) -> shapes_lib:area(2);
plain(<<"native">>) -> shapes_native:show();
plain(<<"linger">>) -> shapes_linger:show();
plain(<<"supervisor">>) -> shapes_desk_sup:show();
plain(<<"versions">>) ->
    [
        io_lib:format("~p ~ts~n", [App, Vsn])
     || App <- [shapes, shapes_dep, shapes_lib], {ok, Vsn} <- [application:get_key(App, vsn)]
    ];
plain(<<"pids">>) ->
    Others = [shapes_sup, shapes_desk_sup, shapes_dep_sup, shapes_http],
    [
        io_lib:format("~p ~p~n", [Name, whereis(Name)])
     || Name <- lists:sort(Others ++ [Module || {_, Module} <- things()])
    ];
plain(<<"all">>) ->
    [[Name, " ", Module:show(), "\n"] || {Name, Module} <- things()];
plain(Name) ->
    (module(Name)):show().

-spec answer(binary()) -> {Status :: string(), Body :: iodata()}.
answer(Path) ->
    [<<>> | Segments] = binary:split(Path, <<"/">>, [global]),
    try
        {"200 OK", body(Segments)}
    catch
        throw:not_found -> {"404 Not Found", "not found"};
        _:Reason -> {"500 Internal Server Error", io_lib:format("~0tp", [Reason])}
    end.

body([<<"health">>]) ->
    _ = plain(<<"all">>),
    "ok";
body([<<"add">>]) ->
    ok = lists:foreach(fun({_, Module}) -> ok = Module:add() end, things()),
    plain(<<"all">>);
body([<<"linger">>, <<"start">>]) ->
    ok = shapes_linger:start(),
    plain(<<"linger">>);
body([<<"linger">>, <<"stop">>]) ->
    ok = shapes_linger:stop(),
    plain(<<"linger">>);
body([<<"state">>, <<"table">>]) ->
    io_lib:format("~0p", [lists:sort(ets:tab2list(shapes_table))]);
body([<<"state">>, Name]) ->
    io_lib:format("~0p", [sys:get_state(module(Name))]);
body([<<"env">>, Key]) ->
    %% No request makes a new atom.
    Value = [{ok, Value} || {Name, Value} <- application:get_all_env(shapes), atom_to_binary(Name) =:= Key],
    io_lib:format("~0tp", [hd(Value ++ [undefined])]);
body([<<"loaded">>, Name]) ->
    case [Module || {Module, _} <- code:all_loaded(), atom_to_binary(Module) =:= <<"shapes_", Name/binary>>] of
        [_] -> "yes";
        [] -> "no"
    end;
body([Name, <<"add">>]) ->
    ok = (module(Name)):add(),
    plain(Name);
body([Name]) ->
    plain(Name);
body(_Segments) ->
    throw(not_found).

module(Name) ->
    case lists:keyfind(Name, 1, things()) of
        {_, Module} -> Module;
        false -> throw(not_found)
    end.
