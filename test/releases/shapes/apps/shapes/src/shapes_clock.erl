%% New in 1.2.0; ../build-shapes.sh takes it out of what is older.
-module(shapes_clock).
-behaviour(gen_server).

-export([start_link/0, show/0, add/0]).
-export([init/1, handle_call/3, handle_cast/2]).

start_link() -> gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).

show() -> gen_server:call(?MODULE, show).

add() -> gen_server:call(?MODULE, add).

init([]) -> {ok, 0}.

handle_call(show, _From, Count) -> {reply, io_lib:format("count=~b", [Count]), Count};
handle_call(add, _From, Count) -> {reply, ok, Count + 1}.

handle_cast(_Request, Count) -> {noreply, Count}.
