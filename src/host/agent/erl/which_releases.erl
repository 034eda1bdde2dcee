%% The label of the release that runs, and of the one that init:restart/0 would boot.
Releases = release_handler:which_releases(),
Permanent = hd([V || {_, V, _, permanent} <- Releases] ++ [""]),
io:format("~ts ~ts~n", [hd([V || {_, V, _, current} <- Releases] ++ [Permanent]), Permanent]).
