%% Has the node be what it was. Prints `back`, and `anew` where it has booted for that; `booting` where it is to be asked again; or
%% `failed`, why in words, and why as a term.
%% Bound before: Op, To ({Label, Root, Version, EnvFile}), Left (the label of what it is not to be), Supervisors (whose children come
%% and go), IsBetween (whether it goes on from there, and is to boot as before), Timeout (ms).
{BackLabel, _, _, _} = To,
Sasl = whereis(release_handler),
Living = fun(App, {Key, _} = Pair) ->
           case IsWritable(Pair) of
             true -> [Pair];
             false -> case application:get_env(App, Key) of {ok, V} -> [{Key, V}]; undefined -> [] end
           end
         end,
try
  %% After a failure that it could not mend release_handler has the VM boot anew; until it is there itself nothing can be said.
  case init:get_status() of {started, _} when is_pid(Sasl) -> ok; Boot -> throw({booting, Boot}) end,
  %% What the op found. Where it has left nothing, it has changed nothing.
  {Was, IsAnew} = case Consult(RelDir ++ "/" ++ BackLabel ++ "/back") of
                    {Op, Found, Lived} -> {Unpacked(Found), Lived =/= Life()};
                    _ -> {none, false}
                  end,
  Ran = Runs(),
  IsUntouched = Was =:= none andalso Ran =:= BackLabel,
  case Ran of
    _ when IsUntouched -> ok;
    BackLabel ->
      %% It came back by itself. What was half done to its environment is mended; a pid of before it booted is nobody's.
      Mended = case IsAnew of true -> [{App, lists:append([Living(App, P) || P <- Env])} || {App, Env} <- Was]; false -> Was end,
      Refresh(To, Mended, case Left of BackLabel -> [list_to_atom(Name)]; _ -> all end);
    Left ->
      Before = Families(Supervisors),
      case release_handler:install_release(BackLabel, [{update_paths, true}, {suspend_timeout, Timeout}, {code_change_timeout, Timeout}]) of
        {ok, _, _} ->
          Consolidate(To),
          Settle(Before);
        {error, Refused} -> throw(Refusal(Refused))
      end;
    Another -> throw({runs, Another})
  end,
  IsUntouched orelse IsBetween orelse begin
    Was =:= none orelse WriteConfig(To, Was, false),
    BootsAnew(BackLabel),
    Become(To)
  end,
  io:format("back~s~n", [case IsAnew of true -> " anew"; false -> "" end])
catch
  throw:{booting, _} -> io:format("booting~n");
  throw:Thrown -> Failed(Thrown);
  _:Crashed -> Failed(Crashed)
end.
