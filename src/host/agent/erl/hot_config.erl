%% Gives the running release another environment. Prints `reconfigured`, or `failed`, why in words, and why as a term.
%% Bound before: Op, From and To ({Label, Root, Version, EnvFile}), of one release.
try
  {ConfigLabel, _, _, _} = To,
  Runs() =:= ConfigLabel orelse throw({runs, Runs()}),
  WasConfig = Booted(From),
  Began(From, Kept(WasConfig, From)),
  Config = Kept(WasConfig, To),
  %% For hot_permanent: until then it boots with what it had.
  Write(RelDir ++ "/next", Terms({Op, ConfigLabel, Packed(Config)})),
  Refresh(To, Config, [list_to_atom(Name)]),
  io:format("reconfigured~n")
catch
  throw:Thrown -> Failed(Thrown);
  _:Crashed -> Failed(Crashed)
end.
