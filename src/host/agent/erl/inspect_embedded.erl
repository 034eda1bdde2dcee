%% What an embedded application is made of, besides what application_facts says: `shared` are those of its applications that others
%% in its node need, `runs` all that run there, `lies` the directory of each by name. The last line is `end`. Prints nothing where it is not
%% embedded, or an upgrade of it broke off. Bound before: App, Place.
case persistent_term:get({beamline, App}, none) of
  #{release := Label, parts := Parts} = State when not is_map_key(changing, State) ->
    io:format("release ~ts ~ts ~ts~n", [App, Label, erlang:system_info(version)]),
    code:which(release_handler_1) =/= non_existing orelse io:format("lacks sasl~n"),
    Taken = [A || {taken, A, _} <- Parts],
    [io:format("runs ~ts~n", [A]) || {A, _, _} <- application:which_applications()],
    Loaded = application:loaded_applications(),
    NeededBy = fun(B) -> lists:append([L || Key <- [applications, included_applications], {ok, L} <- [application:get_key(B, Key)]]) end,
    Needed = lists:append([NeededBy(B) || {B, _, _} <- Loaded, not lists:member(B, Taken)]),
    [io:format("shared ~ts~n", [A]) || A <- Taken, lists:member(A, Needed)],
    lists:foreach(fun({taken, A, Ebin}) ->
                        {_, _, Version} = lists:keyfind(A, 1, Loaded),
                        io:format("lies ~ts ~ts~n", [A, filename:basename(filename:dirname(Ebin))]),
                        Tell(A, Version, temporary, Ebin);
                     (_) -> ok
                  end, Parts),
    io:format("end~n");
  _ -> ok
end.
