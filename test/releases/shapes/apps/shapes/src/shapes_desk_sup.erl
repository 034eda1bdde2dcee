%% 1.1.0: the desk's arguments, restart and shutdown are other ones. 1.2.0: a child more.
-module(shapes_desk_sup).
-behaviour(supervisor).

-export([start_link/0, init/1, show/0]).

start_link() -> supervisor:start_link({local, ?MODULE}, ?MODULE, []).

-if(?SHAPES < 110).
init([]) -> {ok, {#{}, [desk(10, permanent, 5000)]}}.
-elif(?SHAPES < 120).
init([]) -> {ok, {#{}, [desk(20, transient, 2000)]}}.
-else.
init([]) ->
    Clock = #{id => shapes_clock, start => {shapes_clock, start_link, []}},
    {ok, {#{}, [desk(20, transient, 2000), Clock]}}.
-endif.

desk(Limit, Restart, Shutdown) ->
    Start = {shapes_desk, start_link, [Limit]},
    #{id => shapes_desk, start => Start, restart => Restart, shutdown => Shutdown}.

%% The specifications that the running supervisor has, a line a child.
show() ->
    [line(Id) || {Id, _, _, _} <- lists:sort(supervisor:which_children(?MODULE))].

line(Id) ->
    {ok, #{start := {_, _, Args}, restart := Restart, shutdown := Shutdown}} =
        supervisor:get_childspec(?MODULE, Id),
    io_lib:format("~p args=~w restart=~p shutdown=~p~n", [Id, Args, Restart, Shutdown]).
