%% Code that is in no file: an application compiled it while it ran, and loaded it (code:load_binary/3) by a name that is no file's, or
%% by that of a file which holds other code. Bound before: Place (where releases lie, whose files never change).
LoadedFrom = fun(M) -> case code:is_loaded(M) of {file, F} when is_list(F) -> F; _ -> none end end,
IsUnnamed = fun(M) ->
              case LoadedFrom(M) of none -> false; F -> filename:pathtype(F) =/= absolute orelse filename:extension(F) =/= ".beam" end
            end,
%% It reads that file.
IsMade = fun(M) ->
           IsUnnamed(M) orelse
             case LoadedFrom(M) of
               none -> false;
               F -> lists:prefix(Place ++ "/", F) andalso
                      case beam_lib:md5(F) of {ok, {_, InFile}} -> InFile =/= M:module_info(md5); _ -> false end
             end
         end,
