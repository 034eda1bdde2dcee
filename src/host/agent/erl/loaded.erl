%% Modules whose loaded code is not that of a release: a line each. Bound before: Root, Version.
Md5s = fun(Pattern) -> [X || File <- filelib:wildcard(Pattern), {ok, X} <- [beam_lib:md5(File)]] end,
InPlace = Md5s(Root ++ "/releases/" ++ Version ++ "/consolidated/*.beam"),
Wanted = InPlace ++ [X || {M, _} = X <- Md5s(Root ++ "/lib/*/ebin/*.beam"), not lists:keymember(M, 1, InPlace)],
_ = [io:format("~p~n", [M]) || {M, Md5} <- Wanted, erlang:module_loaded(M), M:module_info(md5) =/= Md5].
