%% Gives the running release another environment. Prints `reconfigured`, or `failed`, why in words, and why as a term.
%% Bound before: From and To ({Label, Root, Version, EnvFile}), of one release.
try
  Config = Kept(Booted(From), Booted(To)),
  _ = Prepare(To, Config),
  case Refresh(To, Config) of
    ok -> io:format("reconfigured~n");
    {error, NotTold} -> Failed({config_change, NotTold})
  end
catch
  throw:Thrown -> Failed(Thrown);
  _:Crashed -> Failed(Crashed)
end.
