%% Holds the count. The macros make the versions differ, ../build.sh says which version has which.
-module(counter_server).
-behaviour(gen_server).

-include_lib("kernel/include/logger.hrl").

%% The shape of the state: what code_change/3 is told as the other version.
-ifdef(MAP_STATE).
-vsn("map").
-else.
-vsn("integer").
-endif.

-export([start_link/0, increment/0, health/0]).
-export([init/1, handle_call/3, handle_cast/2, code_change/3]).

start_link() ->
    gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).

-spec increment() -> pos_integer().
increment() ->
    gen_server:call(?MODULE, increment).

-spec health() -> ok | {error, string()}.
-ifdef(UNHEALTHY).
health() -> {error, "database: connection refused"}.
-else.
health() -> ok.
-endif.

-ifdef(MAP_STATE).
init([]) ->
    {ok, #{count => 0}}.

handle_call(increment, _From, #{count := Count} = State) ->
    note(Count + 1),
    {reply, Count + 1, State#{count := Count + 1}}.

%% Down to the integer, up to the map; between two versions with a map nothing changes.
code_change({down, "integer"}, #{count := Count}, _Extra) -> {ok, Count};
code_change(_From, Count, _Extra) when is_integer(Count) -> {ok, #{count => Count}};
code_change(_From, State, _Extra) -> {ok, State}.
-else.
init([]) ->
    {ok, 0}.

handle_call(increment, _From, Count) ->
    note(Count + 1),
    {reply, Count + 1, Count + 1}.

code_change(_From, Count, _Extra) ->
    {ok, Count}.
-endif.

handle_cast(_Request, State) ->
    {noreply, State}.

-ifdef(LOG_MILESTONES).
note(Count) when Count rem 1000 =:= 0 -> ?LOG_NOTICE("counted ~b", [Count]);
note(_Count) -> ok.
-else.
note(_Count) -> ok.
-endif.
