%% Has the node be what it was. Prints `back`, `booting` where it is to be asked again, or `failed`, why in words, and why as a term.
%% Bound before: To ({Label, Root, Version, EnvFile}), Left (the label of what it is not to be), Supervisors (whose children come
%% and go), Timeout (ms).
{BackLabel, _, _, BackFile} = To,
Sasl = whereis(release_handler),
try
  %% After a failure that it could not mend release_handler has the VM boot anew; until it is there itself nothing can be said.
  case init:get_status() of {started, _} when is_pid(Sasl) -> ok; Boot -> throw({booting, Boot}) end,
  case Runs() of
    BackLabel ->
      %% Nothing was installed, or it came back by itself. What was half done to its environment is mended.
      Refresh(To, case {Left, Consult(RelDir ++ "/back"), Consult(RelDir ++ "/" ++ BackLabel ++ "/sys.config")} of
                    {BackLabel, {BackFile, WasThere}, _} -> WasThere;
                    {Other, _, [_ | _] = WasThere} when Other =/= BackLabel -> WasThere;
                    _ -> Kept(Booted(To), To)
                  end);
    Left ->
      Before = Families(Supervisors),
      case release_handler:install_release(BackLabel, [{update_paths, true}, {suspend_timeout, Timeout}, {code_change_timeout, Timeout}]) of
        {ok, _, _} ->
          Consolidate(To),
          Settle(Before),
          case Status(BackLabel) of current -> ok = release_handler:make_permanent(BackLabel); _ -> ok end;
        {error, Refused} -> throw(Refused)
      end
  end,
  case Left =/= BackLabel andalso Status(Left) =/= none of true -> ok = release_handler:set_removed(Left); false -> ok end,
  io:format("back~n")
catch
  throw:{booting, _} -> io:format("booting~n");
  throw:Thrown -> Failed(Thrown);
  _:Crashed -> Failed(Crashed)
end.
