%% From here on the node is this after init:restart/0, too. Bound before: To ({Label, Root, Version, EnvFile}), Config (its name).
{KeptLabel, KeptRoot, KeptVersion, KeptEnv} = To,
try
  Own = RelDir ++ "/" ++ KeptLabel,
  case Status(KeptLabel) of
    current -> ok = release_handler:make_permanent(KeptLabel);
    permanent -> case filelib:is_file(Own ++ "/start.boot") of true -> ok = init:make_permanent(Own ++ "/start", Own ++ "/sys"); false -> ok end;
    _ -> ok
  end,
  %% What start scripts have told it of its release: mix' runtime.exs is found by that, and applications report it.
  _ = [os:putenv(Variable, Value) || {Variable, Value} <- [{"RELEASE_ROOT", KeptRoot}, {"RELEASE_ROOT_DIR", KeptRoot},
                                                          {"RELEASE_VSN", KeptVersion}, {"REL_VSN", KeptVersion}],
                                     os:getenv(Variable) =/= false],
  {ok, EnvText} = file:read_file(KeptEnv),
  Write(RelDir ++ "/env.config", EnvText),
  Write(RelDir ++ "/became", [KeptLabel, " ", Config, "\n"]),
  io:format("permanent~n")
catch
  throw:Thrown -> Failed(Thrown);
  _:Crashed -> Failed(Crashed)
end.
