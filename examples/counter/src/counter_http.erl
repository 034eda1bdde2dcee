%% A small HTTP/1.1 server: one process accepts, one process serves each connection.
%% Connections are not linked to the listener: they outlive its restart.
-module(counter_http).
-behaviour(gen_server).

-export([start_link/0, init/1, handle_call/3, handle_cast/2, accept/1, serve/1]).

-define(IDLE_MS, 60_000).

start_link() ->
    gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).

init([]) ->
    {ok, Port} = application:get_env(counter, port),
    Options = [
        {ip, {0, 0, 0, 0}},
        {reuseaddr, true},
        {backlog, 1024},
        {nodelay, true},
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
    case read_request(Socket) of
        {Method, Path, Keep} ->
            {Status, Body} = counter_routes:answer(Method, Path),
            case {gen_tcp:send(Socket, response(Status, Body, Keep)), Keep} of
                {ok, keep_alive} -> ?MODULE:serve(Socket);
                _ -> gen_tcp:close(Socket)
            end;
        closed ->
            gen_tcp:close(Socket)
    end.

%% A request that may have a body closes the connection, for nothing here reads one.
read_request(Socket) ->
    case gen_tcp:recv(Socket, 0, ?IDLE_MS) of
        {ok, {http_request, 'GET', {abs_path, Path}, {1, 1}}} ->
            read_headers(Socket, {'GET', Path, keep_alive});
        {ok, {http_request, Method, {abs_path, Path}, _Version}} ->
            read_headers(Socket, {Method, Path, close});
        _ ->
            closed
    end.

read_headers(Socket, {Method, Path, Keep} = Request) ->
    case gen_tcp:recv(Socket, 0, ?IDLE_MS) of
        {ok, http_eoh} ->
            Request;
        {ok, {http_header, _, 'Connection', _, Value}} ->
            case string:lowercase(Value) of
                <<"close">> -> read_headers(Socket, {Method, Path, close});
                _ -> read_headers(Socket, {Method, Path, Keep})
            end;
        {ok, {http_header, _, _, _, _}} ->
            read_headers(Socket, Request);
        _ ->
            closed
    end.

response(Status, Body, Keep) ->
    Bytes = iolist_to_binary(Body),
    [
        ["HTTP/1.1 ", Status, "\r\ncontent-type: text/plain; charset=utf-8\r\n"],
        ["content-length: ", integer_to_binary(byte_size(Bytes)), "\r\n"],
        [["connection: close\r\n"] || Keep =:= close],
        ["\r\n", Bytes]
    ].
