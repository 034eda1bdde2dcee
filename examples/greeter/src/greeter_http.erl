%% The smallest HTTP server that a load balancer can check: one request a connection, then closed.
-module(greeter_http).
-behaviour(gen_server).

-export([start_link/0, init/1, handle_call/3, handle_cast/2, accept/1, serve/1]).

start_link() ->
    gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).

init([]) ->
    {ok, Port} = application:get_env(greeter, port),
    Options = [
        {ip, {0, 0, 0, 0}},
        {reuseaddr, true},
        {backlog, 1024},
        {active, false},
        {packet, http_bin},
        binary
    ],
    case gen_tcp:listen(Port, Options) of
        {ok, Listener} ->
            spawn_link(?MODULE, accept, [Listener]),
            {ok, Listener};
        {error, Reason} ->
            {stop, {listen, Port, Reason}}
    end.

handle_call(_Request, _From, Listener) ->
    {reply, ok, Listener}.

handle_cast(_Request, Listener) ->
    {noreply, Listener}.

%% Wakes up each second: after a hot upgrade an idle listener must not stay in the old code.
accept(Listener) ->
    case gen_tcp:accept(Listener, 1000) of
        {ok, Socket} ->
            Pid = spawn(?MODULE, serve, [Socket]),
            _ = gen_tcp:controlling_process(Socket, Pid);
        {error, timeout} ->
            ok
    end,
    ?MODULE:accept(Listener).

serve(Socket) ->
    case gen_tcp:recv(Socket, 0, 5000) of
        {ok, {http_request, 'GET', {abs_path, Path}, _Version}} ->
            skip_headers(Socket),
            gen_tcp:send(Socket, response(answer(Path)));
        _ ->
            ok
    end,
    gen_tcp:close(Socket).

%% Unread input would make the close a reset, and the answer could be lost.
skip_headers(Socket) ->
    case gen_tcp:recv(Socket, 0, 5000) of
        {ok, {http_header, _, _, _, _}} -> skip_headers(Socket);
        _ -> ok
    end.

answer(<<"/health">>) ->
    {"200 OK", "ok"};
answer(<<"/version">>) ->
    {ok, Vsn} = application:get_key(greeter, vsn),
    {"200 OK", Vsn};
answer(<<"/">>) ->
    {ok, Name} = application:get_env(greeter, name),
    {"200 OK", io_lib:format("hello ~ts\n", [Name])};
answer(_Path) ->
    {"404 Not Found", "not found\n"}.

response({Status, Body}) ->
    Bytes = unicode:characters_to_binary(Body),
    [
        ["HTTP/1.1 ", Status, "\r\ncontent-type: text/plain; charset=utf-8\r\n"],
        ["content-length: ", integer_to_binary(byte_size(Bytes)), "\r\n"],
        ["connection: close\r\n\r\n", Bytes]
    ].
