%% The same in all versions. Its limit is what it was started with: a hot upgrade of its supervisor does not reach it.
-module(shapes_desk).
-behaviour(gen_server).

-export([start_link/1, show/0, add/0]).
-export([init/1, handle_call/3, handle_cast/2]).

start_link(Limit) -> gen_server:start_link({local, ?MODULE}, ?MODULE, Limit, []).

show() -> gen_server:call(?MODULE, show).

add() -> gen_server:call(?MODULE, add).

init(Limit) -> {ok, {0, Limit}}.

handle_call(show, _From, {Count, Limit} = State) ->
    {reply, io_lib:format("count=~b limit=~b", [Count, Limit]), State};
handle_call(add, _From, {Count, Limit}) ->
    {reply, ok, {min(Count + 1, Limit), Limit}}.

handle_cast(_Request, State) -> {noreply, State}.
