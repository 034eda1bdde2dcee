%% From here on the node is this after init:restart/0, too. Bound before: Op, To ({Label, Root, Version, EnvFile}).
{KeptLabel, _, _, _} = To,
try
  Runs() =:= KeptLabel orelse throw({runs, Runs()}),
  case Consult(RelDir ++ "/next") of
    {Op, KeptLabel, Next} -> WriteConfig(To, Unpacked(Next), false);
    _ -> ok
  end,
  BootsAnew(KeptLabel),
  Become(To),
  io:format("permanent~n")
catch
  throw:Thrown -> Failed(Thrown);
  _:Crashed -> Failed(Crashed)
end.
