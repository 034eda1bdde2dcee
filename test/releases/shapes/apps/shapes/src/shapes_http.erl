%% A small HTTP server, a process and a connection a request. The same in all versions.
-module(shapes_http).
-behaviour(gen_server).

-export([start_link/0, init/1, handle_call/3, handle_cast/2, accept/1, serve/1]).

start_link() -> gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).

init([]) ->
    {ok, Port} = application:get_env(shapes, port),
    case gen_tcp:listen(Port, [{reuseaddr, true}, {active, false}, {packet, http_bin}, binary]) of
        {ok, Listener} ->
            spawn_link(?MODULE, accept, [Listener]),
            {ok, Listener};
        {error, Reason} ->
            {stop, {listen, Port, Reason}}
    end.

handle_call(_Request, _From, Listener) -> {reply, ok, Listener}.

handle_cast(_Request, Listener) -> {noreply, Listener}.

accept(Listener) ->
    case gen_tcp:accept(Listener, 1000) of
        {ok, Socket} -> _ = gen_tcp:controlling_process(Socket, spawn(?MODULE, serve, [Socket]));
        {error, timeout} -> ok;
        {error, closed} -> exit(normal)
    end,
    ?MODULE:accept(Listener).

serve(Socket) ->
    case gen_tcp:recv(Socket, 0, 5000) of
        {ok, {http_request, 'GET', {abs_path, Path}, _Version}} ->
            ok = skip_headers(Socket),
            gen_tcp:send(Socket, response(shapes_routes:answer(Path)));
        _ ->
            ok
    end,
    gen_tcp:close(Socket).

skip_headers(Socket) ->
    case gen_tcp:recv(Socket, 0, 5000) of
        {ok, {http_header, _, _, _, _}} -> skip_headers(Socket);
        {ok, http_eoh} -> ok
    end.

response({Status, Body}) ->
    Bytes = unicode:characters_to_binary(Body),
    Length = integer_to_binary(byte_size(Bytes)),
    ["HTTP/1.1 ", Status, "\r\ncontent-type: text/plain\r\nconnection: close\r\ncontent-length: ", Length, "\r\n\r\n", Bytes].
