%% Gives the running release another environment. Prints `reconfigured`, or `failed`, why in words, and why as a term.
%% Bound before: From and To ({Label, Root, Version, EnvFile}), of one release.
{ConfigLabel, _, _, _} = To,
try
  _ = Prepare(To, Kept(Booted(From), Booted(To))),
  case Refresh(ConfigLabel) of
    ok -> io:format("reconfigured~n");
    {error, NotTold} -> Failed({config_change, NotTold})
  end
catch
  throw:Thrown -> Failed(Thrown);
  _:Crashed -> Failed(Crashed)
end.
