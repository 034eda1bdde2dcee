%% What the counter answers to which path. /env, /os-env and /vm show a test what the node really got.
-module(counter_routes).

-export([answer/2]).

-spec answer(atom() | binary(), binary()) -> {Status :: string(), Body :: iodata()}.
answer('GET', Target) ->
    {Path, Query} =
        case binary:split(Target, <<"?">>) of
            [P, Q] -> {P, uri_string:dissect_query(Q)};
            [P] -> {P, []}
        end,
    [<<>> | Segments] = binary:split(Path, <<"/">>, [global]),
    get([uri_string:percent_decode(Segment) || Segment <- Segments], Query);
answer(_Method, _Target) ->
    {"405 Method Not Allowed", "only GET\n"}.

get([<<"health">>], _Query) ->
    case counter_server:health() of
        ok -> {"200 OK", "ok"};
        {error, Why} -> {"503 Service Unavailable", Why}
    end;
get([<<"count">>], _Query) ->
    {"200 OK", integer_to_binary(counter_server:increment())};
get([<<"version">>], _Query) ->
    {ok, Vsn} = application:get_key(counter, vsn),
    {"200 OK", Vsn};
get([<<"env">>, Key], _Query) ->
    {"200 OK", unicode:characters_to_binary(io_lib:format("~0tp", [env(Key)]))};
get([<<"env-base64">>, Key], _Query) ->
    case env(Key) of
        {ok, Value} -> {"200 OK", base64:encode(term_to_binary(Value))};
        undefined -> not_found()
    end;
get([<<"os-env">>, Key], _Query) ->
    case os:getenv(unicode:characters_to_list(Key)) of
        false -> not_found();
        Value -> {"200 OK", os_text(Value, file:native_name_encoding())}
    end;
get([<<"vm">>, <<"schedulers">>], _Query) ->
    {"200 OK", integer_to_binary(erlang:system_info(schedulers_online))};
get([<<"vm">>, <<"process-limit">>], _Query) ->
    {"200 OK", integer_to_binary(erlang:system_info(process_limit))};
get([<<"slow">>], Query) ->
    case string:to_integer(proplists:get_value(<<"ms">>, Query, <<>>)) of
        {Ms, <<>>} when is_integer(Ms), Ms >= 0 ->
            timer:sleep(Ms),
            {"200 OK", ["slept ", integer_to_binary(Ms)]};
        _ ->
            {"400 Bad Request", "use /slow?ms=N\n"}
    end;
get(_Segments, _Query) ->
    not_found().

not_found() ->
    {"404 Not Found", "not found\n"}.

%% A key that is set is an atom that exists: no request makes a new atom.
env(Key) ->
    try binary_to_existing_atom(Key) of
        Atom -> application:get_env(counter, Atom)
    catch
        error:_ -> undefined
    end.

%% Under LANG=C the VM hands out bytes, not characters: pass them on as they are.
os_text(Value, latin1) -> list_to_binary(Value);
os_text(Value, utf8) -> unicode:characters_to_binary(Value).
