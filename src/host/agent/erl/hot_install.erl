%% Has the node become another release. Prints `installed MICROSECONDS`, or `failed`, why in words, and why as a term.
%% Bound before: Op, From and To ({Label, Root, Version, EnvFile}), Up, Down (none where there is no way back), Suspended (modules whose
%% processes the script suspends), Supervisors (whose children come and go), Timeout (ms).
{FromLabel, _, _, _} = From,
{ToLabel, ToRoot, _, _} = To,
try
  case Runs() of
    ToLabel -> io:format("installed 0~n");
    FromLabel ->
      WasConfig = Booted(From),
      Was = Kept(WasConfig, From),
      _ = Prepare(From, Was),
      LibDirs = Prepare(To, Kept(WasConfig, To)),
      Write(RelDir ++ "/" ++ ToLabel ++ "/relup", Terms({ToLabel, [{FromLabel, [], Up}], [{FromLabel, [], Down} || Down =/= none]})),
      %% Of an earlier try.
      case Status(ToLabel) of none -> ok; _ -> ok = release_handler:set_removed(ToLabel) end,
      {ok, ToLabel} = release_handler:set_unpacked(RelDir ++ "/" ++ ToLabel ++ "/" ++ Name ++ ".rel", LibDirs),
      case release_handler:check_install_release(ToLabel) of
        {ok, _, _} -> ok;
        {error, CheckedOut} -> throw(Refusal(CheckedOut))
      end,
      %% release_handler goes on without those that it can't suspend, and their state would not be changed.
      AskBy = erlang:monotonic_time(millisecond) + 4 * Timeout,
      lists:foreach(fun({_, _, Pid, Modules}) ->
                      erlang:monotonic_time(millisecond) < AskBy orelse throw({slow, 4 * Timeout}),
                      case is_list(Modules) andalso [M || M <- Modules, lists:member(M, Suspended)] of
                        [M | _] ->
                          try sys:suspend(Pid, Timeout), sys:resume(Pid, Timeout)
                          catch _:_ -> catch sys:resume(Pid, 0), case is_process_alive(Pid) of true -> throw({busy, Pid, M}); false -> ok end
                          end;
                        _ -> ok
                      end
                    end, release_handler_1:get_supervised_procs()),
      Before = Families(Supervisors),
      Began(FromLabel, Was),
      Start = erlang:monotonic_time(microsecond),
      case release_handler:install_release(ToLabel, [{update_paths, true}, {suspend_timeout, Timeout}, {code_change_timeout, Timeout}]) of
        {ok, _, _} ->
          Took = erlang:monotonic_time(microsecond) - Start,
          Consolidate(To),
          Settle(Before),
          io:format("installed ~b~n", [Took]);
        {error, Refused} -> throw(Refusal(Refused))
      end;
    Another -> throw({runs, Another})
  end
catch
  throw:Thrown -> Failed(Thrown);
  _:Crashed -> Failed(Crashed)
end.
