%% Processes that change their code: which of them can be suspended, which children come and go with it, what they are told. What
%% changes a node of its own (release_files) and what changes an embedded application share it.
%% Those that can't be suspended: release_handler goes on without them, and their state would not be changed.
Suspendable = fun(Suspended, Timeout) ->
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
                              end, release_handler_1:get_supervised_procs())
              end,
%% The children that a supervisor's init/1 names. OTP asks it, too, when a supervisor's code has changed, and in the supervisor's own
%% process, so that it can tell others who it is; module and arguments stand side by side in its state. Of what is no supervisor(3), or
%% names none, nothing is known.
Named = fun(Pid, M) ->
          {Asker, Tag} = {self(), make_ref()},
          Ask = fun(State) ->
                  Asker ! {Tag, try
                                  [M, Args | _] = lists:dropwhile(fun(X) -> X =/= M end, tuple_to_list(State)),
                                  {ok, {_, Specs}} = M:init(Args),
                                  [case Spec of #{id := Id} -> Id; _ -> element(1, Spec) end || Spec <- Specs]
                                catch _:_ -> unknown
                                end},
                  State
                end,
          _ = (catch sys:replace_state(Pid, Ask)),
          receive {Tag, Ids} -> Ids after 0 -> unknown end
        end,
Families = fun(Modules) ->
             [{Pid, M, [Id || {Id, _, _, _} <- supervisor:which_children(Pid)], Named(Pid, M)}
              || {_, _, Pid, Ms} <- release_handler_1:get_supervised_procs(), is_list(Ms), M <- Ms, lists:member(M, Modules)]
           end,
%% While a script runs: who of these modules' processes waits, as it changes its code, for another that stands still meanwhile. The answer
%% is what was seen first; it ends when it has told that, or with its owner. Of many processes some are looked at, for a look takes time.
IsInSys = fun(Pid, Functions) ->
            case process_info(Pid, current_stacktrace) of
              {_, Stack} -> lists:any(fun({sys, F, _, _}) -> lists:member(F, Functions); (_) -> false end, Stack);
              undefined -> false
            end
          end,
Watch = fun(Modules) ->
          All = [P || {_, _, P, Ms} <- release_handler_1:get_supervised_procs(), is_list(Ms), lists:any(fun(M) -> lists:member(M, Modules) end, Ms)],
          Pids = lists:sublist(All, 1000),
          Owner = self(),
          spawn(fun() ->
                  Ended = monitor(process, Owner),
                  (fun Look() ->
                     Seen = [{P, Called} || P <- Pids, IsInSys(P, [do_change_code]), {monitors, Calls} <- [process_info(P, monitors)],
                                            {process, Called} <- Calls, is_pid(Called), node(Called) =:= node(),
                                            IsInSys(Called, [suspend_loop, suspend_loop_hib])],
                     receive
                       tell -> Owner ! {self(), Seen};
                       {'DOWN', Ended, process, Owner, _} -> ok
                     after case Seen of [] -> 100; _ -> infinity end -> Look()
                     end
                   end)()
                end)
        end,
Waited = fun(Watcher) -> Watcher ! tell, receive {Watcher, Waits} -> Waits after 1000 -> [] end end,
%% A supervisor that has changed its code has specifications of new children, which it does not start, and of former ones, which
%% go on (stdlib, supervisor(3)). Children that were added while it ran are left alone: neither version names them.
Settle = fun(Before) ->
           lists:foreach(
             fun({Pid, M, Had, Were}) ->
               Are = Named(Pid, M),
               _ = [{supervisor:terminate_child(Pid, Id), supervisor:delete_child(Pid, Id)}
                    || is_list(Were), is_list(Are), Id <- lists:reverse(Were -- Are)],
               Idle = [Id || {Id, undefined, _, _} <- supervisor:which_children(Pid), not lists:member(Id, Had)],
               lists:foreach(fun(Id) ->
                               case supervisor:restart_child(Pid, Id) of
                                 {error, NotStarted} -> throw({child, M, Id, NotStarted});
                                 _ -> ok
                               end
                             end, case Are of unknown -> Idle; _ -> [Id || Id <- Are, lists:member(Id, Idle)] end)
             end, Before)
         end,
%% Tells applications what has changed in their environments (config_change/3).
Told = fun(EnvBefore) ->
         case application_controller:config_change(EnvBefore) of
           ok -> ok;
           %% One without a callback module can't be told, which is no failure.
           {error, Untold} ->
             case [E || E <- Untold, not (is_tuple(E) andalso element(1, E) =:= module_not_defined)] of
               [] -> ok;
               Refusals -> throw({config_change, Refusals})
             end
         end
       end,
