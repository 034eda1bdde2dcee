%% A special process (stdlib, sys and proc_lib): no behaviour says what it is. Its state: an integer; from 1.1.0 on a tuple.
-module(shapes_beacon).

-export([start_link/0, show/0, add/0]).
-export([init/1, loop/2]).
-export([system_continue/3, system_terminate/4, system_code_change/4, system_get_state/1]).

-if(?SHAPES < 110).
-vsn("1").
-else.
-vsn("2").
-endif.

start_link() -> proc_lib:start_link(?MODULE, init, [self()]).

show() -> call(show).

add() -> call(add).

call(Request) ->
    Ref = monitor(process, ?MODULE),
    ?MODULE ! {Request, self(), Ref},
    receive
        {Ref, Answer} -> demonitor(Ref, [flush]), Answer;
        {'DOWN', Ref, process, _, Reason} -> exit(Reason)
    after 5000 -> exit(timeout)
    end.

init(Parent) ->
    register(?MODULE, self()),
    proc_lib:init_ack({ok, self()}),
    loop(Parent, new()).

loop(Parent, State) ->
    receive
        {system, From, Request} ->
            sys:handle_system_msg(Request, From, Parent, ?MODULE, [], State);
        {show, From, Ref} ->
            From ! {Ref, text(State)},
            loop(Parent, State);
        {add, From, Ref} ->
            From ! {Ref, ok},
            loop(Parent, lit(State))
    end.

%% Comes here by a fully qualified call, so a resumed beacon runs the new code.
system_continue(Parent, _Debug, State) -> loop(Parent, State).

system_terminate(Reason, _Parent, _Debug, _State) -> exit(Reason).

system_get_state(State) -> {ok, State}.

-if(?SHAPES < 110).

new() -> 0.

lit(Count) -> Count + 1.

text(Count) -> io_lib:format("count=~b", [Count]).

system_code_change(Count, _Module, _From, _Extra) -> {ok, Count}.

-else.

new() -> {0, white}.

lit({Count, Colour}) -> {Count + 1, Colour}.

text({Count, Colour}) -> io_lib:format("count=~b colour=~p", [Count, Colour]).

system_code_change({Count, _Colour}, _Module, {down, "1"}, _Extra) -> {ok, Count};
system_code_change(Count, _Module, _From, _Extra) when is_integer(Count) -> {ok, {Count, white}};
system_code_change(State, _Module, _From, _Extra) -> {ok, State}.

-endif.
