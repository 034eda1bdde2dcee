%% What every expression about embedded applications shares. An embedded application brings along those that its node lacks; what
%% it is, is kept in the node itself, for a restart of the node takes both away: {beamline, App} → a map.
%% Bound before: App, and what made_code binds. An expression of its own follows.
Embedded = fun(A) -> persistent_term:get({beamline, A}, none) end,
Others = fun() -> [{B, S} || {{beamline, B}, S} <- persistent_term:get(), B =/= App] end,
%% One at a time: a node that starts, and an op, may both be at it.
Alone = fun(Do) -> global:trans({beamline, self()}, Do, [node()]) end,
IsRunning = fun(A) -> lists:keymember(A, 1, application:which_applications()) end,
KeysIn = fun(File) -> {ok, [{application, _, K}]} = file:consult(File), K end,
FileOf = fun(A) -> case code:where_is_file(atom_to_list(A) ++ ".app") of non_existing -> none; F -> F end end,
Brought = fun(Dir) -> maps:from_list([{list_to_atom(filename:basename(F, ".app")), F} || F <- filelib:wildcard(Dir ++ "/lib/*/ebin/*.app")]) end,
NeedsOf = fun(A) ->
            case {application:get_key(A, applications), application:get_key(A, included_applications)} of
              {{ok, Apps}, {ok, Included}} -> Apps ++ Included;
              _ -> []
            end
          end,
ModulesIn = fun(Ebin) -> [list_to_atom(filename:basename(F, ".beam")) || F <- filelib:wildcard(Ebin ++ "/*.beam")] end,
%% What must be there for an application, itself last, in the order in which it starts: {taken, A, Ebin} of what is brought
%% along; of what the node has and does not run {own, A, Ebin}, or {loaded, A, Ebin}. Going are the parts that will have left by then:
%% what the node has of its own is there still.
PartsOf = fun(Dir, Going) ->
            Runs = fun(A) -> IsRunning(A) andalso not lists:keymember(A, 2, Going) end,
            Has = fun(A) -> case lists:keyfind(A, 2, Going) of {taken, _, _} -> none; _ -> FileOf(A) end end,
            Files = Brought(Dir),
            Visit = fun Visit(A, Parts) ->
                      case lists:keymember(A, 2, Parts) orelse Runs(A) of
                        true -> Parts;
                        false ->
                          {Kind, File} = case {Has(A), Files} of
                                           {none, #{A := F}} -> {taken, F};
                                           {none, _} -> {missing, none};
                                           {F, _} when A =/= App -> {case application:get_key(A, vsn) of {ok, _} -> loaded; _ -> own end, F};
                                           {F, _} -> throw({has, A, F})
                                         end,
                          Kind =/= missing orelse throw({missing, A}),
                          Keys = KeysIn(File),
                          Optional = proplists:get_value(optional_applications, Keys, []),
                          Needed = [N || N <- proplists:get_value(applications, Keys, []) ++ proplists:get_value(included_applications, Keys, []),
                                         not lists:member(N, Optional) orelse Has(N) =/= none orelse maps:is_key(N, Files)],
                          lists:foldl(Visit, Parts, Needed) ++ [{Kind, A, filename:dirname(File)}]
                      end
                    end,
            not Runs(App) orelse throw({has, App, FileOf(App)}),
            Visit(App, [])
          end,
%% Nodes of releases load no code by themselves (-mode embedded), and what acts when it is loaded (-on_load) only by its name.
%% Answers those that do not load, and why.
Load = fun(Modules) ->
         case code:ensure_modules_loaded(Modules) of
           ok -> [];
           {error, Bad} -> [{M, Why} || {M, _} <- Bad, code:is_loaded(M) =:= false, {error, Why} <- [code:load_file(M)]]
         end
       end,
%% A master is the leader of its own processes, and of itself.
KillLed = fun(Master) -> [exit(P, kill) || P <- processes(), P =/= Master, process_info(P, group_leader) =:= {group_leader, Master}] end,
%% The controller hears of what has ended by a signal.
Await = fun(Condition) -> lists:any(fun(_) -> Condition() orelse begin timer:sleep(10), false end end, lists:seq(1, 500)) end,
%% In order, but not for ever: what hangs in its shutdown is killed.
Stop = fun(A) ->
         {Stopper, StopRef} = spawn_monitor(fun() -> application:stop(A) end),
         receive {'DOWN', StopRef, process, Stopper, _} -> ok
         after 30000 ->
           exit(Stopper, kill),
           case application_controller:get_master(A) of
             Master when is_pid(Master) -> KillLed(Master), exit(Master, kill);
             _ -> ok
           end,
           Await(fun() -> not IsRunning(A) end)
         end
       end,
IsMaster = fun(L) -> case proc_lib:translate_initial_call(L) of {application_master, init, _} -> true; _ -> false end end,
%% One whose start hangs has a master that the controller does not know yet. That one lives on to tell the controller of it: else the
%% application is said to be starting for ever. Where other applications of the node are starting, too, ours is left as it is.
KillStarting = fun(Apps) ->
                 Masters = [application_controller:get_master(A) || {A, _, _} <- application:which_applications()],
                 Starting = fun() -> [A || {A, _, _, _} <- proplists:get_value(starting, application:info(), [])] end,
                 case Starting() -- Apps of
                   [] ->
                     Leaders = lists:usort([L || P <- processes(), {group_leader, L} <- [process_info(P, group_leader)], node(L) =:= node(),
                                                 not lists:member(L, Masters), IsMaster(L)]),
                     [KillLed(L) || L <- Leaders],
                     Await(fun() -> Starting() -- Apps =:= Starting() end);
                   _ -> ok
                 end
               end,
%% Whether a module's code is of these directories. What was handed over, or is the same in a later version, was loaded from where
%% it was before, which is in the code path no more; what an application made was loaded from nowhere.
IsOf = fun(Ebins) ->
         {Names, Paths} = {lists:append([ModulesIn(E) || E <- Ebins]), code:get_path()},
         fun(M, File) ->
           In = filename:dirname(File),
           lists:member(In, Ebins) orelse lists:member(M, Names) andalso (not lists:member(In, Paths) orelse IsMade(M))
         end
       end,
Unload = fun(Ebin) ->
           code:del_path(Ebin),
           IsIts = IsOf([Ebin]),
           [begin code:purge(M), code:delete(M), code:purge(M) end || {M, F} <- code:all_loaded(), is_list(F), IsIts(M, F)]
         end,
IsNeeded = fun(A) -> lists:any(fun({B, _, _}) -> B =/= A andalso lists:member(A, NeedsOf(B)) end, application:loaded_applications()) end,
%% What an app leaves that others need is from then on theirs, from their own release where that has the same.
HandOver = fun({taken, A, Ebin} = Part) ->
             Reaches = fun Reaches(B) -> B =:= A orelse lists:any(Reaches, NeedsOf(B)) end,
             case [X || {B, _} = X <- Others(), Reaches(B)] of
               [{B, #{dir := Dir, parts := Parts} = State} | _] ->
                 Same = filename:join([Dir, "lib", filename:basename(filename:dirname(Ebin)), "ebin"]),
                 Kept = case filelib:is_dir(Same) of
                          true -> code:add_pathz(Same), code:del_path(Ebin), {taken, A, Same};
                          false -> Part
                        end,
                 persistent_term:put({beamline, B}, State#{parts := [Kept | Parts]});
               [] -> ok
             end;
           (_) -> ok
           end,
Unembed = fun(#{parts := Parts}) ->
            lists:foreach(fun({Kind, A, Ebin} = Part) ->
                            case A =/= App andalso IsNeeded(A) of
                              true -> HandOver(Part);
                              false ->
                                Stop(A),
                                Kind =:= loaded orelse application:unload(A),
                                case Kind of taken -> Unload(Ebin); _ -> ok end
                            end
                          end, lists:reverse(Parts)),
            persistent_term:erase({beamline, App});
          (none) -> ok
          end,
%% What an env.config says of the application.
EnvIn = fun(EnvFile) -> {ok, [Conf]} = file:consult(EnvFile), proplists:get_value(App, Conf, []) end,
