%% The handler of shapes_bell. Its state: how often it rang; from 1.1.0 on a tuple with the last event.
-module(shapes_bell_log).
-behaviour(gen_event).

-export([init/1, handle_event/2, handle_call/2, code_change/3]).

-if(?SHAPES < 110).
-vsn("1").
-else.
-vsn("2").
-endif.

-if(?SHAPES < 110).

init([]) -> {ok, 0}.

handle_event(ring, Count) -> {ok, Count + 1}.

handle_call(show, Count) -> {ok, io_lib:format("count=~b", [Count]), Count}.

code_change(_From, Count, _Extra) -> {ok, Count}.

-else.

init([]) -> {ok, {0, none}}.

handle_event(ring, {Count, _Last}) -> {ok, {Count + 1, ring}}.

handle_call(show, {Count, Last} = State) ->
    {ok, io_lib:format("count=~b last=~p", [Count, Last]), State}.

code_change({down, "1"}, {Count, _Last}, _Extra) -> {ok, Count};
code_change(_From, Count, _Extra) when is_integer(Count) -> {ok, {Count, none}};
code_change(_From, State, _Extra) -> {ok, State}.

-endif.
