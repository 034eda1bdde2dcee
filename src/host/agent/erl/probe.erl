%% One look at the node from inside it. Prints five lines: the label of the release that runs (of a VM only where release_handler
%% keeps its files where we put them), its version, the verdict, what was seen, and of an embedded application its configuration
%% and since when it runs.
%% Bound before: what seen_vm or seen_embedded binds, Type, Address (hexadecimal, as in /proc/net/tcp), Port, Path, Status, Body,
%% Timeout.
Ip = case Address of
       "" -> undefined;
       "00000000" -> {127, 0, 0, 1};
       [_, _, _, _, _, _, _, _] ->
         <<D, C, B, A>> = <<(list_to_integer(Address, 16)):32>>, {A, B, C, D};
       "00000000000000000000000000000000" -> {0, 0, 0, 0, 0, 0, 0, 1};
       _ ->
         Words = <<(list_to_integer(Address, 16)):128>>,
         list_to_tuple([W || <<W:16>> <= << <<D6, C6, B6, A6>> || <<A6, B6, C6, D6>> <= Words >>])
     end,
Connect = fun() -> gen_tcp:connect(Ip, Port, [binary, {active, false}, {packet, raw}], Timeout) end,
Receive = fun Receive(S, Acc) when byte_size(Acc) < 65536 ->
                case gen_tcp:recv(S, 0, Timeout) of
                  {ok, More} -> Receive(S, <<Acc/binary, More/binary>>);
                  {error, closed} -> {ok, Acc};
                  {error, Why} when Acc =:= <<>> -> {error, Why};
                  {error, _} -> {ok, Acc}
                end;
              Receive(_, Acc) -> {ok, Acc}
          end,
%% What is cut ends with a mark: the runner must know where the half of a secret may stand.
Words1 = fun(B) ->
           [[case C >= 32 andalso C < 127 of true -> C; false -> $\s end || <<C>> <= binary:part(B, 0, min(200, byte_size(B)))],
            case byte_size(B) > 200 of true -> "..."; false -> "" end]
         end,
{Verdict, Saw} =
  case {Ready, Type} of
    {true, none} ->
      case IsStarted of
        true -> {healthy, WhatRuns};
        false -> {unhealthy, "the application is not started"}
      end;
    {true, tcp} ->
      case Connect() of
        {ok, S} -> gen_tcp:close(S), {healthy, "it accepts connections"};
        {error, Why} -> {unhealthy, io_lib:format("connecting failed: ~p", [Why])}
      end;
    {true, http} ->
      case Connect() of
        {ok, S} ->
          ok = gen_tcp:send(S, ["GET ", Path, " HTTP/1.1\r\nHost: localhost\r\nUser-Agent: beamline\r\nAccept: */*\r\nConnection: close\r\n\r\n"]),
          Answer = Receive(S, <<>>),
          gen_tcp:close(S),
          case Answer of
            {ok, <<"HTTP/1.", _, " ", Code:3/binary, Rest/binary>>} ->
              Content = case binary:split(Rest, <<"\r\n\r\n">>) of [_, Text] -> Text; _ -> <<>> end,
              Has = Body =:= <<>> orelse binary:match(Content, Body) =/= nomatch,
              case {catch binary_to_integer(Code), Has} of
                {Status, true} -> {healthy, io_lib:format("status ~w", [Status])};
                {Status, false} -> {unhealthy, io_lib:format("status ~w, but the body lacks the expected text; it begins: ~s", [Status, Words1(Content)])};
                {Other, _} -> {unhealthy, io_lib:format("status ~p, body: ~s", [Other, Words1(Content)])}
              end;
            {ok, Strange} -> {unhealthy, io_lib:format("no HTTP answer: ~s", [Words1(Strange)])};
            {error, Reason} -> {unhealthy, io_lib:format("no answer: ~p", [Reason])}
          end;
        {error, Why} -> {unhealthy, io_lib:format("connecting failed: ~p", [Why])}
      end;
    {NotYet, _} -> {unhealthy, NotYet}
  end,
io:format("~s~n~s~n~s~n~s~n~s ~b~n", [Label, Version, Verdict, Saw, Config, Since]).
