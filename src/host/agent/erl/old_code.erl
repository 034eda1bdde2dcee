%% Processes that still run old code of modules, or are in what will be old code twice over: a line each, process, name or first
%% function, module; then `end`.
%% Bound before: Modules, Twice (modules).
Old = [{P, M} || M <- Modules, erlang:check_old_code(M), P <- processes(), erlang:check_process_code(P, M)],
Soon = [{P, M} || Twice =/= [], P <- processes(), {current_stacktrace, Stack} <- [process_info(P, current_stacktrace)],
                  M <- Twice, lists:keymember(M, 1, Stack)],
_ = [case process_info(P, [registered_name, initial_call, dictionary]) of
       [{registered_name, Registered}, {initial_call, Call}, {dictionary, Dictionary}] ->
         {M1, F1, A1} = proplists:get_value('$initial_call', Dictionary, Call),
         io:format("~p ~ts ~p~n", [P, case Registered of [] -> io_lib:format("~p:~p/~p", [M1, F1, A1]); _ -> io_lib:format("~p", [Registered]) end, M]);
       undefined -> ok
     end || {P, M} <- lists:usort(Old ++ Soon)],
io:format("end~n").
