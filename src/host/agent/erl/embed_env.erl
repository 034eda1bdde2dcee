%% Gives an embedded application another environment while it runs, and tells it what changed (config_change/3). Prints
%% `reconfigured`, or `failed` and why in words. Bound before: App, Config, EnvFile.
Alone(fun() ->
        try
          Env = EnvIn(EnvFile),
          #{base := Base, keys := Keys} = State = Embedded(App),
          Wanted = [K || {K, _} <- Env],
          EnvBefore = application_controller:prep_config_change(),
          %% Those of before, too, so that who goes back takes away what was new.
          persistent_term:put({beamline, App}, State#{config := Config, keys := lists:usort(Keys ++ Wanted)}),
          [case lists:keyfind(K, 1, Base) of
             {K, V} -> application:set_env(App, K, V);
             false -> application:unset_env(App, K)
           end || K <- Keys, not lists:member(K, Wanted)],
          [ok = application:set_env(App, K, V) || {K, V} <- Env],
          case application_controller:config_change(EnvBefore) of
            ok -> io:format("reconfigured~n");
            {error, NotTold} -> Failed({config_change, NotTold})
          end
        catch
          _:Thrown -> Failed(Thrown)
        end
      end).
