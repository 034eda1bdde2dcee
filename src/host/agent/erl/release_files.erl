%% What release_handler reads of a release, written where it looks for it: RELDIR/LABEL with start.boot, sys.config and the .rel
%% file (sasl, release_handler(3)). A release's label is the name of its directory; of one version there may be several.
%% Bound before: Name, Op, and what hot_processes binds. An expression of its own follows.
RelDir = os:getenv("RELDIR"),
Consult = fun(File) ->
            case file:consult(File) of
              {ok, [Consulted]} -> Consulted;
              {error, enoent} -> [];
              {error, Unreadable} -> throw({unreadable, File, Unreadable})
            end
          end,
%% ${VAR} and ${VAR:-default}, as relx's start script fills them in.
Expand = fun Expand(Text) ->
           case re:run(Text, "\\$\\{([A-Za-z0-9_]+)(:-([^}]*))?\\}", [unicode, {capture, all, list}]) of
             nomatch -> Text;
             {match, [Whole, Variable | Default]} ->
               Value = case {os:getenv(Variable), Default} of {false, [_, D]} -> D; {false, []} -> ""; {V, _} -> V end,
               [Before, After] = string:split(Text, Whole),
               Before ++ Value ++ Expand(After)
           end
         end,
SysConfig = fun(Dir) ->
              case file:read_file(Dir ++ "/sys.config.src") of
                {ok, Template} ->
                  {ok, Tokens, _} = erl_scan:string(Expand(unicode:characters_to_list(Template))),
                  {ok, Filled} = erl_parse:parse_term(Tokens),
                  Filled;
                {error, enoent} -> Consult(Dir ++ "/sys.config")
              end
            end,
%% As application_controller merges several files: the later wins, key by key (kernel, config(4)).
Merge = fun(One, Two) ->
          lists:foldl(fun({App, Env}, Acc) ->
                        Known = proplists:get_value(App, Acc, []),
                        lists:keystore(App, 1, Acc, {App, lists:foldl(fun(P, E) -> lists:keystore(element(1, P), 1, E, P) end, Known, Env)})
                      end, One, Two)
        end,
%% A configuration file may name others, each from where it lies.
Included = fun Included(Dir, Config) ->
             lists:foldl(fun({App, Env}, Acc) -> Merge(Acc, [{App, Env}]);
                            (File, Acc) ->
                              Other = filename:absname(File, Dir),
                              Beside = case filename:extension(Other) of ".config" -> Other; _ -> Other ++ ".config" end,
                              Merge(Acc, Included(filename:dirname(Beside), Consult(Beside)))
                         end, [], Config)
           end,
Booted = fun({_, Root, Version, EnvFile}) ->
           Dir = Root ++ "/releases/" ++ Version,
           Merge(Included(Dir, SysConfig(Dir)), Consult(EnvFile))
         end,
%% A pid, a port, a reference or a fun is no term that a text could hold, at whatever depth.
IsWritable = fun(Term) ->
               try
                 {ok, Written, _} = erl_scan:string(lists:flatten(io_lib:format("~tp.", [Term]))),
                 erl_parse:parse_term(Written) =:= {ok, Term}
               catch _:_ -> false
               end
             end,
%% What differs in a running value from what files had said, put over what files say now: key by key in keyword lists, which Elixir
%% merges deeply (Config.Reader).
IsKeywords = fun(L) -> is_list(L) andalso lists:all(fun({K, _}) -> is_atom(K); (_) -> false end, L) end,
Overlaid = fun Overlaid(Old, Value, New) ->
             case Value =/= [] andalso lists:all(IsKeywords, [Old, Value, New]) of
               false -> Value;
               true ->
                 lists:foldl(fun({K, V}, Acc) ->
                               case lists:member({K, V}, Old) of
                                 true -> Acc;
                                 false -> lists:keystore(K, 1, Acc, {K, Overlaid(proplists:get_value(K, Old, []), V, proplists:get_value(K, Acc, []))})
                               end
                             end, New, Value)
             end
           end,
%% What the VM has in its environments and no file had said is kept: an application has set it while it ran, or a provider of a mix
%% release when it booted. The latter wins over the spec's env, as it does at a boot; the former gives way to what files say anew.
Kept = fun(Was, Form) ->
         Wanted = Booted(Form),
         IsProvided = lists:keymember(config_provider_init, 1, proplists:get_value(elixir, Wanted, [])),
         Defaults = fun(App) ->
                      case file:consult(filename:join([code:lib_dir(App), "ebin", atom_to_list(App) ++ ".app"])) of
                        {ok, [{application, _, Keys}]} -> proplists:get_value(env, Keys, []);
                        _ -> []
                      end
                    end,
         In = fun(Env, Key) -> case lists:keyfind(Key, 1, Env) of {_, V} -> [V]; false -> [] end end,
         Set = [{App, [{Key, case IsProvided of true -> Overlaid(lists:append(Old), Value, lists:append(New)); false -> Value end}
                       || {Key, Value} <- application:get_all_env(App), Key =/= included_applications,
                          Old <- [In(proplists:get_value(App, Was, []), Key)], New <- [In(proplists:get_value(App, Wanted, []), Key)],
                          case Old of [] -> In(Default, Key); _ -> Old end =/= [Value], IsProvided orelse Old =:= New]}
                || {App, _, _} <- application:loaded_applications(), App =/= kernel, Default <- [Defaults(App)]],
         Merge(Wanted, Set)
       end,
%% What is there already needs no room, nor does what was there before: a way back is to be had on a full disk, too.
Write = fun(File, Content) ->
          {Former, Tmp} = {File ++ ".was", File ++ ".tmp"},
          Holds = fun(F) -> file:read_file(F) =:= {ok, iolist_to_binary(Content)} end,
          case Holds(File) orelse (Holds(Former) andalso file:rename(Former, File) =:= ok) of
            true -> ok;
            false ->
              ok = filelib:ensure_dir(File),
              ok = file:write_file(Tmp, Content),
              ok = file:change_mode(Tmp, 8#600),
              %% Where it can't be kept, its way back needs room.
              _ = [file:delete(Former), file:make_link(File, Former)],
              ok = file:rename(Tmp, File)
          end
        end,
Terms = fun(Term) -> unicode:characters_to_binary(io_lib:format("%% coding: utf-8~n~tp.~n", [Term])) end,
%% A path of a boot script begins with a variable whose value is another release's: $ROOT/lib/APP/ebin, $RELEASE_LIB/APP/ebin.
Placed = fun(Root, Path) ->
           [Variable | Rest] = filename:split(Path),
           case Variable of
             "$" ++ _ -> hd([P || P <- [filename:join([Root, "lib" | Rest]), filename:join([Root | Rest])], filelib:is_dir(P)] ++ [Path]);
             _ -> Path
           end
         end,
BootScript = fun({_, Root, Version, _}) ->
               Dir = Root ++ "/releases/" ++ Version,
               [BootFile | _] = [F || F <- [Dir ++ "/" ++ Name ++ ".boot", Dir ++ "/start.boot"], filelib:is_file(F)],
               {ok, Boot} = file:read_file(BootFile),
               {script, _, BootCommands} = binary_to_term(Boot),
               BootCommands
             end,
%% What it has when it becomes this, and boots with. What no text can hold stands in its boot file, a binary, as the application's own.
WriteConfig = fun({Label, _, _, _} = Form, Config, IsNew) ->
                Own = RelDir ++ "/" ++ Label,
                Split = [{App, lists:partition(IsWritable, Env)} || {App, Env} <- Config],
                Write(Own ++ "/sys.config", Terms([{App, Texts} || {App, {Texts, _}} <- Split])),
                case IsNew orelse filelib:is_file(Own ++ "/start.boot") of
                  false -> ok;
                  true ->
                    With = fun({application, App, Keys}) ->
                             Env = proplists:get_value(env, Keys, []),
                             [{App, Both}] = Merge([{App, Env}], [{App, Held} || {Of, {_, Held}} <- Split, Of =:= App]),
                             {application, App, lists:keystore(env, 1, Keys, {env, Both})}
                           end,
                    {_, Root, _, _} = Form,
                    Write(Own ++ "/start.boot", term_to_binary({script, {Name, Label}, [
                      case Command of
                        {path, Paths} -> {path, [Placed(Root, P) || P <- Paths]};
                        {apply, {application, load, [Spec]}} -> {apply, {application, load, [With(Spec)]}};
                        _ -> Command
                      end || Command <- BootScript(Form)]}))
                end
              end,
%% A term of any kind as one that a text can hold.
Packed = fun(Term) -> base64:encode(term_to_binary(Term)) end,
Unpacked = fun(Text) -> binary_to_term(base64:decode(Text)) end,
%% Answers where its applications lie.
Prepare = fun({Label, Root, Version, _} = Form, Config) ->
            Own = RelDir ++ "/" ++ Label,
            ok = filelib:ensure_dir(Own ++ "/start.boot"),
            WriteConfig(Form, Config, true),
            {release, {Name, _}, Erts, Libs} = Consult(Root ++ "/releases/" ++ Version ++ "/" ++ Name ++ ".rel"),
            Write(Own ++ "/" ++ Name ++ ".rel", Terms({release, {Name, Label}, Erts, Libs})),
            [{element(1, L), element(2, L), Root ++ "/lib"} || L <- Libs]
          end,
Status = fun(L) -> case [S || {_, V, _, S} <- release_handler:which_releases(), V =:= L] of [S | _] -> S; [] -> none end end,
Runs = fun() ->
         Releases = release_handler:which_releases(),
         hd([V || {_, V, _, current} <- Releases] ++ [V || {_, V, _, permanent} <- Releases])
       end,
%% Gives applications (all: of the release that runs) their environment, and tells them what changed. What was set in them while
%% they ran is gone.
Refresh = fun(Form, Config, Which) ->
            BootCommands = BootScript(Form),
            Specs = [A || {application, App, _} = A <-
                            [A || {apply, {application, load, [A]}} <- BootCommands] ++
                            [A || {kernelProcess, application_controller, {application_controller, start, [A]}} <- BootCommands],
                          Which =:= all orelse lists:member(App, Which)],
            EnvBefore = application_controller:prep_config_change(),
            ok = application_controller:change_application_data(Specs, Config),
            Told(EnvBefore)
          end,
%% What init:restart/0 boots. A release that was never installed boots as it did, with RELDIR/env.config.
BootsAnew = fun(L) ->
              Own = RelDir ++ "/" ++ L,
              case {Status(L), filelib:is_file(Own ++ "/start.boot")} of
                {current, _} -> ok = release_handler:make_permanent(L);
                {permanent, true} -> ok = init:make_permanent(Own ++ "/start", Own ++ "/sys");
                {permanent, false} -> ok
              end
            end,
%% What is another where the node has booted anew within its process.
Life = fun() -> pid_to_list(whereis(application_controller)) end,
%% An op that was taken back meanwhile changes nothing more.
Goes = fun() -> file:read_file(RelDir ++ "/cancelled") =/= {ok, list_to_binary(Op)} orelse throw(cancelled) end,
%% What it says that it is, and the environment that it boots with. That one's file lies in a directory that has the configuration's name.
Shown = fun({Label, _, _, EnvFile}) ->
          {ok, EnvText} = file:read_file(EnvFile),
          Write(RelDir ++ "/env.config", EnvText),
          Write(RelDir ++ "/became", [Label, " ", filename:basename(filename:dirname(EnvFile)), "\n"])
        end,
%% From here on something may have changed, and this is the way back. What that would write lies there before: a disk that is full
%% by then has no room for it. Who takes it back leaves his mark first, then looks for this.
Began = fun({Label, _, _, _} = Form, Was) ->
          Goes(),
          WriteConfig(Form, Was, false),
          %% Another one is not what it boots: one between two others, or one that somebody made current by hand.
          Status(Label) =/= permanent orelse Shown(Form),
          Write(RelDir ++ "/" ++ Label ++ "/back", Terms({Op, Packed(Was), Life()})),
          Goes()
        end,
%% From here on it is this. What start scripts have told it of its release: mix' runtime.exs is found by that, and applications
%% report it.
Become = fun({_, Root, Version, _} = Form) ->
           _ = [os:putenv(Variable, Value) || {Variable, Value} <- [{"RELEASE_ROOT", Root}, {"RELEASE_ROOT_DIR", Root},
                                                                    {"RELEASE_VSN", Version}, {"REL_VSN", Version}],
                                              os:getenv(Variable) =/= false],
           Shown(Form)
         end,
%% Protocols that Elixir has consolidated for a release lie beside its applications, where no relup reaches.
Consolidate = fun({_, Root, Version, _}) ->
                Protocols = Root ++ "/releases/" ++ Version ++ "/consolidated",
                Others = [P || P <- code:get_path(), filename:basename(P) =:= "consolidated", P =/= Protocols],
                _ = [code:del_path(P) || P <- Others],
                case filelib:is_dir(Protocols) of true -> true = code:add_patha(Protocols); false -> ok end,
                Modules = lists:usort([list_to_atom(filename:basename(F, ".beam"))
                                       || P <- [Protocols | Others], F <- filelib:wildcard(P ++ "/*.beam")]),
                lists:foreach(fun(M) ->
                                case code:get_object_code(M) of
                                  {M, Beam, File} ->
                                    {ok, {M, Md5}} = beam_lib:md5(Beam),
                                    case erlang:module_loaded(M) andalso M:module_info(md5) =:= Md5 of
                                      true -> ok;
                                      false ->
                                        code:soft_purge(M) orelse throw({old_processes, M}),
                                        {module, M} = code:load_binary(M, File, Beam)
                                    end;
                                  error -> ok
                                end
                              end, Modules)
              end,
