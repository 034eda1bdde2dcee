%% Gives the running release another environment. Prints `reconfigured`, or `failed`, why in words, and why as a term.
%% Bound before: From and To ({Label, Root, Version, EnvFile}), of one release.
try
  WasConfig = Booted(From),
  {_, _, _, WasFile} = From,
  %% What it had, should it have to go back.
  Write(RelDir ++ "/back", Terms({WasFile, Kept(WasConfig, From)})),
  Config = Kept(WasConfig, To),
  _ = Prepare(To, Config),
  case Refresh(To, Config) of
    ok -> io:format("reconfigured~n");
    {error, NotTold} -> Failed({config_change, NotTold})
  end
catch
  throw:Thrown -> Failed(Thrown);
  _:Crashed -> Failed(Crashed)
end.
