%% As small as it can be: one request a connection. /count tells whether the process is the one that was there before.
-module(lodger_http).
-behaviour(gen_server).
-export([start_link/0, tell/1, init/1, handle_call/3, handle_cast/2, accept/1]).

%% Versions whose state has another shape, and how that of the version before is.
-ifdef(TAG).
-export([code_change/3]).
-define(STATE(Count, Told), {?TAG, Count, Told}).
-ifdef(BELOW).
-define(WAS(Count, Told), {?BELOW, Count, Told}).
-else.
-define(WAS(Count, Told), {Count, Told}).
-endif.
-else.
-define(STATE(Count, Told), {Count, Told}).
-endif.

start_link() ->
    gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).

tell(What) ->
    gen_server:call(?MODULE, {tell, What}).

init([]) ->
    {ok, Port} = application:get_env(lodger, port),
    case gen_tcp:listen(Port, [{reuseaddr, true}, {active, false}, {packet, http_bin}, binary]) of
        {ok, Listener} ->
            spawn_link(?MODULE, accept, [Listener]),
            {ok, ?STATE(0, none)};
        {error, Reason} ->
            {stop, {listen, Port, Reason}}
    end.

handle_call({tell, What}, _From, ?STATE(Count, _)) ->
    {reply, ok, ?STATE(Count, What)};
handle_call(count, _From, ?STATE(Count, Told)) ->
    {reply, Count + 1, ?STATE(Count + 1, Told)};
handle_call(told, _From, ?STATE(_, Told) = State) ->
    {reply, Told, State}.

handle_cast(_Request, State) ->
    {noreply, State}.

-ifdef(CRASHES).
code_change(_Vsn, _State, _Extra) ->
    error(no_way).
-else.
-ifdef(TAG).
code_change({down, _}, ?STATE(Count, Told), _Extra) ->
    {ok, ?WAS(Count, Told)};
code_change(_Vsn, ?WAS(Count, _), by_appup) ->
    {ok, ?STATE(Count, by_appup)};
code_change(_Vsn, ?WAS(Count, Told), _Extra) ->
    {ok, ?STATE(Count, Told)}.
-endif.
-endif.

accept(Listener) ->
    {ok, Socket} = gen_tcp:accept(Listener),
    case gen_tcp:recv(Socket, 0, 5000) of
        {ok, {http_request, 'GET', {abs_path, Path}, _}} ->
            skip_headers(Socket),
            {Status, Body} = answer(Path),
            Bytes = unicode:characters_to_binary(Body),
            gen_tcp:send(Socket, [
                ["HTTP/1.1 ", Status, "\r\ncontent-length: "],
                [integer_to_binary(byte_size(Bytes)), "\r\nconnection: close\r\n\r\n", Bytes]
            ]);
        _ ->
            ok
    end,
    gen_tcp:close(Socket),
    ?MODULE:accept(Listener).

skip_headers(Socket) ->
    case gen_tcp:recv(Socket, 0, 5000) of
        {ok, {http_header, _, _, _, _}} -> skip_headers(Socket);
        _ -> ok
    end.

-ifdef(UNHEALTHY).
answer(<<"/health">>) -> {"503 Service Unavailable", "not well"};
answer(Path) -> tell_of(Path).
-else.
answer(<<"/health">>) -> {"200 OK", "ok"};
answer(Path) -> tell_of(Path).
-endif.

tell_of(<<"/version">>) ->
    {ok, Vsn} = application:get_key(lodger, vsn),
    {"200 OK", Vsn};
tell_of(<<"/env">>) ->
    {"200 OK", io_lib:format("~0tp", [lists:sort(application:get_all_env(lodger))])};
tell_of(<<"/lib">>) ->
    {"200 OK", lodger_lib:text()};
tell_of(<<"/count">>) ->
    {"200 OK", integer_to_binary(gen_server:call(?MODULE, count))};
tell_of(<<"/told">>) ->
    {"200 OK", io_lib:format("~0tp", [gen_server:call(?MODULE, told)])};
tell_of(_) ->
    {"404 Not Found", "not found"}.
