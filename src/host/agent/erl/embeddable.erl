%% Whether an application could be embedded here. Prints `fits`; or `refused` or `failed`, and why in words.
%% Bound before: App, Dir. Changes nothing.
try
  %% Where one of ours is in the way it goes first, and with it all that it has brought.
  Going = case Embedded(App) of #{parts := Old} -> Old; none -> [] end,
  IsOurs = IsOf([E || {taken, _, E} <- Going]),
  Modules = [{M, E ++ "/" ++ atom_to_list(M)} || {taken, _, E} <- PartsOf(Dir, Going), M <- ModulesIn(E)],
  [throw({clash, M, F}) || {M, _} <- Modules, F <- [code:which(M)], F =/= non_existing, not (is_list(F) andalso IsOurs(M, F))],
  %% Code of a newer OTP, or none at all.
  Loadable = [begin {ok, Beam} = file:read_file(F ++ ".beam"), {M, F ++ ".beam", Beam} end || {M, F} <- Modules],
  case code:prepare_loading(Loadable) of
    {ok, _} -> ok;
    {error, Reasons} ->
      case [R || {_, Why} = R <- Reasons, Why =/= on_load_not_allowed] of [] -> ok; Bad -> throw({not_loaded, Bad}) end
  end,
  io:format("fits~n")
catch
  throw:Thrown -> Failed(Thrown);
  _:Crashed -> Failed(Crashed)
end.
