%% From here on the node is this after init:restart/0, too. Bound before: To ({Label, Root, Version, EnvFile}), Config (its name).
{KeptLabel, _, _, KeptEnv} = To,
try
  Own = RelDir ++ "/" ++ KeptLabel,
  case Status(KeptLabel) of
    current -> ok = release_handler:make_permanent(KeptLabel);
    permanent -> case filelib:is_file(Own ++ "/start.boot") of true -> ok = init:make_permanent(Own ++ "/start", Own ++ "/sys"); false -> ok end;
    _ -> ok
  end,
  {ok, EnvText} = file:read_file(KeptEnv),
  Write(RelDir ++ "/env.config", EnvText),
  Write(RelDir ++ "/became", [KeptLabel, " ", Config, "\n"]),
  io:format("permanent~n")
catch
  throw:Thrown -> Failed(Thrown);
  _:Crashed -> Failed(Crashed)
end.
