%% How an embedded application becomes another version while it runs, and how it goes back. Before the script of instructions its
%% state in the node says `changing`: then only a restart leads on. Behind it the state is the new one, with what was `before`.
%% Bound before: App, and what embedded, hot_processes and hot_words bind.
%% {A, Version, Directory} of what came along, as release_handler has it.
LibsOf = fun(Of) -> [{A, proplists:get_value(vsn, KeysIn(E ++ "/" ++ atom_to_list(A) ++ ".app")), filename:dirname(E)} || {taken, A, E} <- Of] end,
Over = fun(One, Two) -> lists:foldl(fun({K, _} = P, Acc) -> lists:keystore(K, 1, Acc, P) end, One, Two) end,
%% The configuration that the node has of all its applications. It goes into each one that is loaded from now on, and who changes
%% an application's data says it anew (release_handler:upgrade_app/2, which does not know it, has it forgotten).
NodeConfig = fun() ->
               case lists:last(tuple_to_list(sys:get_state(application_controller))) of
                 C when is_list(C) -> [P || {_, _} = P <- C];
                 _ -> throw({refused, no_configuration})
               end
             end,
%% Modules whose loaded code is not what their file has, and was not made while they ran.
OtherCode = fun(Of) ->
              Beams = [{M, E ++ "/" ++ atom_to_list(M)} || {taken, _, E} <- Of, M <- ModulesIn(E)],
              _ = Load([M || {M, _} <- Beams]),
              [M || {M, F} <- Beams, {ok, {_, Md5}} <- [beam_lib:md5(F)],
                    not (erlang:module_loaded(M) andalso M:module_info(md5) =:= Md5), not IsMade(M)]
            end,
%% Gives applications that have another .app file, and App an environment; Base is what that is without us. What was set in them while
%% they ran stays, but for what their files say anew, and for what is the spec's (Owned).
Renew = fun(Was, Is, Env, Settings, Owned) ->
          Keys = fun(E, A) -> KeysIn(E ++ "/" ++ atom_to_list(A) ++ ".app") end,
          Before = [{A, Keys(E, A)} || {taken, A, E} <- Was],
          [Own] = [Keys(E, A) || {taken, A, E} <- Is, A =:= App],
          Filed = fun(A, AppKeys) -> Over(proplists:get_value(env, AppKeys, []), proplists:get_value(A, Settings, [])) end,
          Base = Filed(App, Own),
          Set = [{A, K, V} || {A, KeysBefore} <- Before, {taken, B, E} <- Is, A =:= B,
                              Old <- [Filed(A, KeysBefore)], New <- [Filed(A, Keys(E, A))],
                              {K, V} = P <- application:get_all_env(A), K =/= included_applications,
                              not (A =:= App andalso lists:member(K, Owned)),
                              not lists:member(P, Old), lists:keyfind(K, 1, Old) =:= lists:keyfind(K, 1, New)],
          Specs = [{application, App, lists:keystore(env, 1, Own, {env, Over(Base, Env)})}] ++
                  [{application, A, Keys(E, A)} || {taken, A, E} <- Is, A =/= App, not lists:member({A, Keys(E, A)}, Before)],
          ok = application_controller:change_application_data(Specs, Settings),
          _ = [ok = application:set_env(A, K, V) || {A, K, V} <- Set],
          %% What the node's configuration says of it has won.
          [ok = application:set_env(App, K, V) || {K, V} <- Env],
          Base
        end,
%% From one state to another, in which base and keys are filled in. Answers how long the script took, in µs.
Change = fun(#{parts := Old, keys := Owned} = From, #{parts := New} = To, Env, {Script, Suspended, Supervisors, Timeout}) ->
           ok = code:ensure_modules_loaded([release_handler_1]),
           Libs = LibsOf(New),
           Settings = NodeConfig(),
           Suspendable(Suspended, Timeout),
           Had = Families(Supervisors),
           Watcher = Watch(Suspended),
           EnvBefore = application_controller:prep_config_change(),
           %% Whoever takes it out of the node in the middle takes out both.
           persistent_term:put({beamline, App}, From#{changing => true, parts := [P || P <- New, not lists:member(P, Old)] ++ Old}),
           Start = erlang:monotonic_time(microsecond),
           case release_handler_1:eval_script(Script, [], Libs, Libs, [{update_paths, true}, {suspend_timeout, Timeout}, {code_change_timeout, Timeout}]) of
             {ok, _} -> ok;
             %% Before its point of no return.
             {error, Why} -> persistent_term:put({beamline, App}, From), throw(Refusal(Why));
             {'EXIT', {Kind, Why}} when Kind =:= error; Kind =:= 'EXIT' -> throw(Stuck(Why, Waited(Watcher)));
             {'EXIT', Why} -> throw(Stuck(Why, Waited(Watcher)));
             Other -> throw({refused, Other})
           end,
           Took = erlang:monotonic_time(microsecond) - Start,
           _ = [code:del_path(E) || {taken, _, E} = P <- Old, not lists:member(P, New)],
           _ = [true = code:add_pathz(E) || {taken, _, E} <- New, not lists:member(E, code:get_path())],
           Base = Renew(Old, New, Env, Settings, Owned),
           persistent_term:put({beamline, App}, To#{base => Base, keys => [K || {K, _} <- Env]}),
           Told(EnvBefore),
           Settle(Had),
           case OtherCode(New) of [] -> Took; Others1 -> throw({other_code, Others1}) end
         end,
