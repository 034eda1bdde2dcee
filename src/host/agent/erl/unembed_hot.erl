%% Has an embedded application be what it was before its upgrade. Prints `back`, or `anew` where only a restart leads there; else
%% `failed`, why in words, and why as a term. Where the upgrade has changed nothing there is nothing to do.
%% Bound before: App, Release, Config, EnvFile, Left (the release that it is not to be), Down (none where there is no way back),
%% Suspended, Supervisors, Timeout (ms).
Alone(fun() ->
        try
          case {Embedded(App), IsRunning(App)} of
            {#{release := Release, config := Config, parts := Parts} = Is, true} when not is_map_key(changing, Is) ->
              io:format("~s~n", [case OtherCode(Parts) of [] -> back; _ -> anew end]);
            {#{release := Left, before := #{release := Release, config := Config} = Was} = Is, true} when Down =/= none, not is_map_key(changing, Is) ->
              _ = Change(Is, Was, EnvIn(EnvFile), {Down, Suspended, Supervisors, Timeout}),
              io:format("back~n");
            _ -> io:format("anew~n")
          end
        catch
          throw:Thrown -> Failed(Thrown);
          _:Crashed -> Failed(Crashed)
        end
      end).
