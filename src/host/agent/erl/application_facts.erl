%% What applications in a node are made of, a line a fact, as src/host/inspection.ts reads it.
%% Bound before: Known ([{Application, Digest}]: of those whose code has that digest nothing more is said), and what made_code binds.
Hex = fun(Md5) -> [io_lib:format("~2.16.0b", [B]) || <<B>> <= Md5] end,
Names = fun([]) -> "-"; (List) -> lists:join($,, List) end,
Text = fun(Term) -> io_lib:format("~0p", [Term]) end,
%% As TELLING in src/otp/beam-file.ts.
Decisive = [{init, 1}, {code_change, 3}, {code_change, 4}, {system_code_change, 4}, {system_continue, 3}, {handle_call, 3},
            {handle_cast, 2}, {handle_event, 2}, {handle_event, 3}, {handle_event, 4}, {handle_sync_event, 4}, {callback_mode, 0},
            {start, 2}, {config_change, 3}],
Chunk = fun(File, Id) -> case beam_lib:chunks(File, [Id]) of {ok, {_, [{Id, C}]}} -> C; _ -> none end end,
%% Of loaded code; of a module that nobody has loaded (its .app file does not name it), or that its application made, what its file says.
Info = fun(M, File, Id, IsOfFile) ->
         case erlang:module_loaded(M) andalso not IsOfFile of
           true -> M:module_info(Id);
           false -> case Chunk(File, Id) of none -> []; C -> C end
         end
       end,
Records = fun(File) ->
            case Chunk(File, abstract_code) of
              {raw_abstract_v1, Forms} ->
                FieldName = fun NameOf({typed_record_field, F, _}) -> NameOf(F); NameOf(F) -> {atom, _, N} = element(3, F), N end,
                [{R, [FieldName(F) || F <- Fields]} || {attribute, _, Kind, {R, Fields}} <- Forms, Kind =:= record orelse Kind =:= native_record];
              _ -> none
            end
          end,
%% A module stands in two places where Elixir has consolidated it; what is loaded is the consolidated one.
IsConsolidated = fun(M) -> case code:which(M) of W when is_list(W) -> filename:basename(filename:dirname(W)) =:= "consolidated"; _ -> false end end,
Md5Of = fun(M, File, IsOfFile) ->
          case erlang:module_loaded(M) andalso not IsOfFile(M) of
            true -> M:module_info(md5);
            false -> {ok, {_, Md5}} = beam_lib:md5(File), Md5
          end
        end,
BeamsOf = fun(Dir) -> lists:sort([list_to_binary(filename:basename(F, ".beam")) || F <- filelib:wildcard(Dir ++ "/*.beam")]) end,
Facts = fun(Owner, Dir, Module, Md5, IsOfFile) ->
          File = Dir ++ "/" ++ binary_to_list(Module),
          M = binary_to_atom(Module, utf8),
          Exports = Info(M, File, exports, IsOfFile),
          Attributes = fun(Keys) -> lists:append([V || {K, V} <- Info(M, File, attributes, IsOfFile), lists:member(K, Keys)]) end,
          Calls = case Chunk(File, imports) of none -> []; Imports -> lists:usort([I || {I, _, _} <- Imports]) end,
          Native = case Chunk(File, imports) of none -> false; Imports1 -> lists:member({erlang, load_nif, 2}, Imports1) end
            orelse lists:keymember(on_load, 1, case Chunk(File, attributes) of none -> []; As -> As end),
          io:format("module ~ts ~ts ~ts ~p ~ts ~ts ~ts ~ts~n",
            [Owner, Module, Hex(Md5), Native,
             Names([atom_to_list(B) || B <- Attributes([behaviour, behavior])]),
             Names([atom_to_list(F) ++ "/" ++ integer_to_list(A) || {F, A} <- Decisive, lists:member({F, A}, Exports)]),
             Names([atom_to_list(C) || C <- Calls]),
             case Attributes([vsn]) of [] -> "-"; [Vsn] -> Text(Vsn); Vsn -> Text(Vsn) end]),
          case Records(File) of none -> ok; Rs -> io:format("records ~ts ~ts ~ts~n", [Owner, Module, Text(Rs)]) end
        end,
%% An application whose modules lie in a directory; of one whose code is known no more than that. Whether the files are what is loaded is
%% looked at only where it matters.
Tell = fun(App, Version, Type, Dir) ->
         Digested = fun(IsMadeHere) ->
                      Md5s = [{M, Md5Of(binary_to_atom(M, utf8), Dir ++ "/" ++ binary_to_list(M), fun(X) -> IsConsolidated(X) orelse IsMadeHere(X) end)}
                              || M <- BeamsOf(Dir)],
                      Digest = lists:flatten(Hex(erlang:md5([[M, $\s, Hex(Md5), $\n] || {M, Md5} <- Md5s]))),
                      {Md5s, Digest, lists:member({atom_to_list(App), Digest}, Known), [M || {M, _} <- Md5s, IsMadeHere(binary_to_atom(M, utf8))]}
                    end,
         {Md5s, Digest, IsKnown, Made} = case Digested(IsUnnamed) of {_, _, true, _} = Same -> Same; _ -> Digested(IsMade) end,
         io:format("application ~ts ~ts ~ts ~ts~n", [App, Version, Type, Digest]),
         [io:format("made ~ts ~ts~n", [App, M]) || M <- Made],
         case IsKnown of
           true -> ok;
           false ->
             {ok, [Resource]} = file:consult(Dir ++ "/" ++ atom_to_list(App) ++ ".app"),
             io:format("resource ~ts ~ts~n", [App, Text(Resource)]),
             case file:consult(Dir ++ "/" ++ atom_to_list(App) ++ ".appup") of
               {ok, [Appup]} -> io:format("appup ~ts ~ts~n", [App, Text(Appup)]);
               _ -> ok
             end,
             [Facts(atom_to_list(App), Dir, M, Md5, lists:member(M, Made)) || {M, Md5} <- Md5s]
         end
       end,
