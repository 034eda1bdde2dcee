%% Has the node become another release. Prints `installed MICROSECONDS`, or `failed`, why in words, and why as a term.
%% Bound before: Op, From and To ({Label, Root, Version, EnvFile}), Up, Down (none where there is no way back), Suspended (modules whose
%% processes the script suspends), Supervisors (whose children come and go), Timeout (ms).
{FromLabel, _, _, _} = From,
{ToLabel, _, _, _} = To,
try
  case Runs() of
    ToLabel -> io:format("installed 0~n");
    FromLabel ->
      WasConfig = Booted(From),
      Was = Kept(WasConfig, From),
      _ = Prepare(From, Was),
      %% On the way back release_handler would rather take what once led up from there to this one (sasl, release_handler: the target's
      %% relup first). What leads back from this one to another stays.
      FromRelup = RelDir ++ "/" ++ FromLabel ++ "/relup",
      LedUp = case file:consult(FromRelup) of
                {ok, [{FromLabel, Ups, _}]} -> lists:keymember(ToLabel, 1, Ups);
                _ -> true
              end,
      _ = [file:delete(FromRelup) || LedUp],
      LibDirs = Prepare(To, Kept(WasConfig, To)),
      Write(RelDir ++ "/" ++ ToLabel ++ "/relup", Terms({ToLabel, [{FromLabel, [], Up}], [{FromLabel, [], Down} || Down =/= none]})),
      %% Of an earlier try.
      case Status(ToLabel) of
        %% Somebody made another one current by hand.
        permanent -> ok;
        Tried ->
          Tried =:= none orelse (ok = release_handler:set_removed(ToLabel)),
          {ok, ToLabel} = release_handler:set_unpacked(RelDir ++ "/" ++ ToLabel ++ "/" ++ Name ++ ".rel", LibDirs)
      end,
      case release_handler:check_install_release(ToLabel) of
        {ok, _, _} -> ok;
        {error, CheckedOut} -> throw(Refusal(CheckedOut))
      end,
      Suspendable(Suspended, Timeout),
      Before = Families(Supervisors),
      Watcher = Watch(Suspended),
      Began(From, Was),
      Start = erlang:monotonic_time(microsecond),
      case release_handler:install_release(ToLabel, [{update_paths, true}, {suspend_timeout, Timeout}, {code_change_timeout, Timeout}]) of
        {ok, _, _} ->
          Took = erlang:monotonic_time(microsecond) - Start,
          Goes(),
          Consolidate(To),
          Settle(Before),
          io:format("installed ~b~n", [Took]);
        {error, Refused} -> throw(Stuck(Refused, Waited(Watcher)))
      end;
    Another -> throw({runs, Another})
  end
catch
  throw:Thrown -> Failed(Thrown);
  _:Crashed -> Failed(Crashed)
end.
