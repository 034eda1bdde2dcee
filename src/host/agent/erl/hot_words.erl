%% Why a hot upgrade failed, in words and as a term.
%% Reasons hold what processes were called with and what they held, which may be long, and may be what nobody is to read: of that only
%% the shape is told. All of it is in the node's own log.
Bare = fun Bare({M, F, Args, Where}) when is_atom(M), is_atom(F), length(Args) >= 0 -> {M, F, length(Args), Where};
           Bare(T) when is_tuple(T) -> list_to_tuple([Bare(E) || E <- tuple_to_list(T)]);
           Bare(T) when is_atom(T); is_pid(T); is_reference(T); is_integer(T), abs(T) < 65536 -> T;
           Bare([H | T]) when is_tuple(H) -> [Bare(H) | Bare(T)];
           Bare([]) -> [];
           Bare(_) -> '_'
       end,
Brief = fun(Term, Size) ->
          Words = lists:flatten(io_lib:format("~0tP", [Bare(Term), 30])),
          %% What is cut ends with a mark: the runner must know where the half of a secret may stand.
          case length(Words) > Size of true -> lists:sublist(Words, Size) ++ "..."; false -> Words end
        end,
InWords = fun InWords({code_change_failed, P, M, _, Reason}) ->
               Cause = case Reason of {'EXIT', {R, Stack}} when is_list(Stack) -> R; {'EXIT', R} -> R; R -> R end,
               io_lib:format("code_change of ~p in ~p failed: ~ts", [M, P, Brief(Cause, 200)]);
             InWords({waited, P, Called, Reason}) ->
               Who = case process_info(Called, registered_name) of {registered_name, N} -> io_lib:format("~p (~p)", [Called, N]); _ -> io_lib:format("~p", [Called]) end,
               [InWords(Reason), io_lib:format("; ~p waited for ~ts, which stood still until ~p would have changed", [P, Who, P])];
             InWords({old_processes, M}) -> io_lib:format("processes still run old code of ~p", [M]);
             InWords({no_matching_relup, T, F}) -> io_lib:format("no instructions lead from ~ts to ~ts", [F, T]);
             InWords({busy, P, M}) -> io_lib:format("~p, a process of ~p, can't be suspended: it does not answer", [P, M]);
             InWords({slow, Ms}) -> io_lib:format("its processes were not all asked whether they can be suspended within ~b ms", [Ms]);
             InWords(cancelled) -> "it was taken back before it began";
             InWords({runs, L}) -> io_lib:format("it runs ~ts", [L]);
             InWords({config_change, _}) -> "an application refused what changed in its environment (config_change/3)";
             InWords({child, M, Id, _}) -> io_lib:format("~0p, a new child of ~p, did not start", [Id, M]);
             InWords({other_code, Ms}) -> ["other code is loaded than the release has, of ", lists:join(" ", [atom_to_list(M) || M <- Ms])];
             InWords({unreadable, F, _}) -> io_lib:format("~ts can't be read", [F]);
             InWords({no_such_file, F}) -> io_lib:format("~ts is not there", [F]);
             InWords({refused, Reason}) -> ["release_handler refused it: ", Brief(Reason, 200)];
             InWords(Reason) -> ["it went wrong in the node: ", Brief(Reason, 200)]
          end,
Failed = fun(Why) -> io:format("failed~n~ts~n~ts~n", [InWords(Why), Brief(Why, 500)]) end,
%% A reason of release_handler's own.
Refusal = fun(Reason) ->
            Known = [code_change_failed, old_processes, no_matching_relup, no_such_file],
            case is_tuple(Reason) andalso lists:member(element(1, Reason), Known) of true -> Reason; false -> {refused, Reason} end
          end,
%% The same, and who waited for whom.
Stuck = fun(Reason, Waits) -> case Waits of [{P, Called} | _] -> {waited, P, Called, Refusal(Reason)}; [] -> Refusal(Reason) end end,
