%% The dependency's process. Its state: an integer; from 1.1.0 on a map.
-module(shapes_depot).
-behaviour(gen_server).

-export([start_link/0, show/0, add/0]).
-export([init/1, handle_call/3, handle_cast/2, code_change/3]).

-if(?SHAPES < 110).
-vsn("1").
-else.
-vsn("2").
-endif.

start_link() -> gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).

show() -> gen_server:call(?MODULE, show).

add() -> gen_server:call(?MODULE, add).

handle_cast(_Request, State) -> {noreply, State}.

-if(?SHAPES < 110).

init([]) -> {ok, 0}.

handle_call(show, _From, Count) -> {reply, io_lib:format("count=~b", [Count]), Count};
handle_call(add, _From, Count) -> {reply, ok, Count + 1}.

code_change(_From, Count, _Extra) -> {ok, Count}.

-else.

init([]) -> {ok, #{count => 0, place => here}}.

handle_call(show, _From, #{count := Count, place := Place} = State) ->
    {reply, io_lib:format("count=~b place=~p", [Count, Place]), State};
handle_call(add, _From, #{count := Count} = State) ->
    {reply, ok, State#{count := Count + 1}}.

code_change({down, "1"}, #{count := Count}, _Extra) -> {ok, Count};
code_change(_From, Count, _Extra) when is_integer(Count) -> {ok, #{count => Count, place => here}};
code_change(_From, #{} = State, _Extra) -> {ok, State}.

-endif.
