%% Modules whose loaded code is not that of a release, and was not made while it ran: a line each, then `end`.
%% Bound before: Name, Root, Version, and what made_code binds.
Dir = Root ++ "/releases/" ++ Version,
{ok, [{release, _, _, Libs}]} = file:consult(Dir ++ "/" ++ Name ++ ".rel"),
BeamsIn = fun(Ebin) -> [{list_to_atom(filename:basename(F, ".beam")), F} || F <- filelib:wildcard(Ebin ++ "/*.beam")] end,
InPlace = BeamsIn(Dir ++ "/consolidated"),
%% Other versions of an application may lie beside them.
Own = lists:append([BeamsIn(Root ++ "/lib/" ++ atom_to_list(element(1, L)) ++ "-" ++ element(2, L) ++ "/ebin") || L <- Libs]),
_ = [io:format("~p~n", [M]) || {M, F} <- InPlace ++ [X || {M, _} = X <- Own, not lists:keymember(M, 1, InPlace)],
                               erlang:module_loaded(M), {ok, {_, Md5}} <- [beam_lib:md5(F)], M:module_info(md5) =/= Md5, not IsMade(M)],
io:format("end~n").
