%% What the running release is made of, for whoever plans a hot upgrade: a line a fact, as src/host/inspection.ts reads it.
%% Bound before: Known ([{Application, Digest}]: of those whose code has that digest nothing more is said), Place (where its
%% releases lie).
Releases = release_handler:which_releases(),
[{ReleaseName, Label, _, _} | _] = [R || {_, _, _, current} = R <- Releases] ++ [R || {_, _, _, permanent} = R <- Releases],
io:format("release ~ts ~ts ~ts~n", [ReleaseName, Label, erlang:system_info(version)]),
%% A release may bring former ones along; it boots the one that start_erl.data names: "13.1.5 1.0.0".
{ok, StartErl} = file:read_file(Place ++ "/" ++ Label ++ "/releases/start_erl.data"),
[_, Booted | _] = string:tokens(binary_to_list(StartErl), " \t\r\n"),
VersionDir = Place ++ "/" ++ Label ++ "/releases/" ++ Booted,
{ok, [{release, _, _, Libs}]} = file:consult(VersionDir ++ "/" ++ ReleaseName ++ ".rel"),
case file:consult(VersionDir ++ "/relup") of
  {ok, [Relup]} -> io:format("relup ~ts~n", [Text(Relup)]);
  _ -> ok
end,
%% Some are in a release and not loaded (start type none).
Loaded = application:loaded_applications(),
Lies = fun(App, Version) ->
         case code:lib_dir(App, ebin) of
           {error, bad_name} -> Place ++ "/" ++ Label ++ "/lib/" ++ atom_to_list(App) ++ "-" ++ Version ++ "/ebin";
           Ebin -> Ebin
         end
       end,
lists:foreach(
  fun(Lib) ->
    App = element(1, Lib),
    Version = case lists:keyfind(App, 1, Loaded) of {_, _, V} -> V; false -> element(2, Lib) end,
    Type = hd([T || T <- tl(tuple_to_list(Lib)), is_atom(T)] ++ [permanent]),
    Tell(App, Version, Type, Lies(App, Version))
  end, Libs),
lists:foreach(
  fun(Dir) ->
    [Facts("-", Dir, M, Md5Of(binary_to_atom(M, utf8), Dir ++ "/" ++ binary_to_list(M), fun(_) -> false end), false) || M <- BeamsOf(Dir)]
  end, lists:usort([P || P <- code:get_path(), filename:basename(P) =:= "consolidated"])),
%% All has been said.
io:format("end~n").
