%% A gen_statem. 1.1.0 renames a state, and its data, the number of pushes, becomes a map.
-module(shapes_door).
-behaviour(gen_statem).

-export([start_link/0, show/0, add/0]).
-export([callback_mode/0, init/1, open/3, code_change/4]).

-if(?SHAPES < 110).
-vsn("1").
-export([shut/3]).
-else.
-vsn("2").
-export([closed/3]).
-endif.

start_link() -> gen_statem:start_link({local, ?MODULE}, ?MODULE, [], []).

show() -> gen_statem:call(?MODULE, show).

add() -> gen_statem:call(?MODULE, push).

callback_mode() -> state_functions.

-if(?SHAPES < 110).

init([]) -> {ok, shut, 0}.

shut({call, From}, push, Count) -> {next_state, open, Count + 1, {reply, From, ok}};
shut({call, From}, show, Count) -> {keep_state_and_data, {reply, From, text(shut, Count)}}.

open({call, From}, push, Count) -> {next_state, shut, Count + 1, {reply, From, ok}};
open({call, From}, show, Count) -> {keep_state_and_data, {reply, From, text(open, Count)}}.

text(State, Count) -> io_lib:format("count=~b is=~p", [Count, State]).

code_change(_From, State, Count, _Extra) -> {ok, State, Count}.

-else.

init([]) -> {ok, closed, #{count => 0, last => none}}.

closed({call, From}, push, Data) -> {next_state, open, pushed(Data), {reply, From, ok}};
closed({call, From}, show, Data) -> {keep_state_and_data, {reply, From, text(closed, Data)}}.

open({call, From}, push, Data) -> {next_state, closed, pushed(Data), {reply, From, ok}};
open({call, From}, show, Data) -> {keep_state_and_data, {reply, From, text(open, Data)}}.

pushed(#{count := Count} = Data) -> Data#{count := Count + 1, last := push}.

text(State, #{count := Count, last := Last}) ->
    io_lib:format("count=~b is=~p last=~p", [Count, State, Last]).

-if(?SHAPES < 160).
code_change({down, "1"}, State, #{count := Count}, _Extra) -> {ok, older(State), Count};
code_change(_From, State, Count, _Extra) when is_integer(Count) ->
    {ok, newer(State), #{count => Count, last => none}};
code_change(_From, State, Data, _Extra) -> {ok, State, Data}.
-else.
%% Knows 1.1.0 and later, and nothing before.
code_change({down, "2"}, State, #{last := _} = Data, _Extra) -> {ok, State, Data};
code_change("2", State, #{last := _} = Data, _Extra) -> {ok, State, Data}.
-endif.

-if(?SHAPES < 160).
older(closed) -> shut;
older(open) -> open.

newer(shut) -> closed;
newer(open) -> open.
-endif.

-endif.
