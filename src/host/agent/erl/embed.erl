%% Embeds an application. Prints `embedded`; or `refused` or `failed`, and why in words.
%% Bound before: App, Dir, Release, Config, EnvFile, Timeout (ms), IsReturn: what its node brings back at its start leaves alone what an
%% op has put there meanwhile.
Begin = fun() ->
          Parts = PartsOf(Dir, []),
          Env = EnvIn(EnvFile),
          Taken = [E || {taken, _, E} <- Parts],
          [throw({clash, M, F}) || E <- Taken, M <- ModulesIn(E), F <- [code:is_loaded(M)], F =/= false],
          %% Before any effect: what is half done can then be taken back.
          State = #{release => Release, config => Config, dir => Dir, parts => Parts, since => os:system_time(second),
                    base => [], keys => [K || {K, _} <- Env]},
          persistent_term:put({beamline, App}, State),
          [true = code:add_pathz(E) || E <- Taken],
          case Load([M || {_, _, E} <- Parts, M <- ModulesIn(E)]) of [] -> ok; Bad -> throw({not_loaded, Bad}) end,
          [case application:load(A) of ok -> ok; {error, {already_loaded, A}} -> ok; {error, Why} -> throw({start, A, Why}) end || {_, A, _} <- Parts],
          case [P || {K, _} = P <- application:get_all_env(App), K =/= included_applications] of
            [] -> ok;
            Base -> persistent_term:put({beamline, App}, State#{base := Base})
          end,
          [ok = application:set_env(App, K, V) || {K, V} <- Env],
          {Starter, Ref} = spawn_monitor(fun() -> exit({answer, application:ensure_all_started(App, temporary)}) end),
          receive
            {'DOWN', Ref, process, Starter, {answer, {ok, _}}} -> ok;
            {'DOWN', Ref, process, Starter, {answer, {error, {A, Why}}}} -> throw({start, A, Why});
            {'DOWN', Ref, process, Starter, Why} -> throw({start, App, Why})
          after Timeout ->
            exit(Starter, kill),
            KillStarting([A || {_, A, _} <- Parts]),
            throw({timeout, Timeout})
          end
        end,
Alone(fun() ->
        try
          case {Embedded(App), IsRunning(App)} of
            {#{release := Release, config := Config} = Is, true} when not is_map_key(changing, Is) -> ok;
            {#{}, _} when IsReturn -> ok;
            {Before, _} -> Unembed(Before), Begin()
          end,
          io:format("embedded~n")
        catch
          Class:Thrown ->
            Failed(case Class of throw -> Thrown; _ -> {Class, Thrown} end),
            Unembed(Embedded(App))
        end
      end).
