%% What check_install_release/1 (sasl, release_handler) would say to an upgrade; it changes nothing. Prints why it says no, if it does; then `end`.
%% Bound before: Up, Name, Root, Version, Op.
try
  {release, _, _, Libs} = Consult(Root ++ "/releases/" ++ Version ++ "/" ++ Name ++ ".rel"),
  Lies = fun(L) -> atom_to_list(element(1, L)) ++ "-" ++ element(2, L) end,
  case release_handler_1:check_script(Up, [{element(1, L), element(2, L), Root ++ "/lib/" ++ Lies(L)} || L <- Libs]) of
    {error, No} -> io:format("~ts~n", [InWords(Refusal(No))]);
    _ -> ok
  end
catch
  throw:Thrown -> io:format("~ts~n", [InWords(Thrown)]);
  _:Crashed -> io:format("~ts~n", [InWords(Crashed)])
end,
io:format("end~n").
