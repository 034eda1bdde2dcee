%% Has an embedded application become another version while it runs. Prints `upgraded MICROSECONDS`; or `refused` where nothing has
%% changed, else `failed`; and why in words, and why as a term.
%% Bound before: App, Dir, Release, Config, EnvFile, From (the release that it is), Up, Suspended, Supervisors, Timeout (ms).
Refused = fun(Why) ->
            IsAsItWas = case Embedded(App) of #{release := From} = Still -> not is_map_key(changing, Still); _ -> false end,
            io:format("~s~n~ts~n~ts~n", [case IsAsItWas of true -> refused; false -> failed end, InWords(Why), Brief(Why, 500)])
          end,
Alone(fun() ->
        try
          case {Embedded(App), IsRunning(App)} of
            {#{release := Release, config := Config} = Is, true} when not is_map_key(changing, Is) -> io:format("upgraded 0~n");
            {#{release := From, parts := Old} = Was, true} when not is_map_key(changing, Was) ->
              Files = Brought(Dir),
              New = [case Part of
                       {taken, A, _} when is_map_key(A, Files) -> {taken, A, filename:dirname(map_get(A, Files))};
                       {taken, A, _} -> throw({no_such_file, atom_to_list(A) ++ ".app"});
                       _ -> Part
                     end || Part <- Old],
              To = Was#{release := Release, config := Config, dir := Dir, parts := New, before => maps:remove(before, Was)},
              Took = Change(Was, To, EnvIn(EnvFile), {Up, Suspended, Supervisors, Timeout}),
              io:format("upgraded ~b~n", [Took]);
            {#{release := Another}, true} -> throw({runs, Another});
            _ -> throw({runs, "nothing"})
          end
        catch
          throw:Thrown -> Refused(Thrown);
          _:Crashed -> Refused(Crashed)
        end
      end).
