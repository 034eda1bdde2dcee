%% Its state is a record, which gets a field in 1.1.0. 1.3.0 can't take over what it held.
-module(shapes_ledger).
-behaviour(gen_server).

-export([start_link/0, show/0, add/0]).
-export([init/1, handle_call/3, handle_cast/2, code_change/3]).

-if(?SHAPES < 110).
-vsn("1").
-record(ledger, {count = 0 :: non_neg_integer()}).
-else.
-vsn("2").
-record(ledger, {count = 0 :: non_neg_integer(), owner = nobody :: atom()}).
-endif.

start_link() -> gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).

show() -> gen_server:call(?MODULE, show).

add() -> gen_server:call(?MODULE, add).

init([]) -> {ok, #ledger{}}.

handle_call(show, _From, Ledger) -> {reply, text(Ledger), Ledger};
handle_call(add, _From, #ledger{count = Count} = Ledger) -> {reply, ok, Ledger#ledger{count = Count + 1}}.

handle_cast(_Request, Ledger) -> {noreply, Ledger}.

-if(?SHAPES < 110).
text(#ledger{count = Count}) -> shapes_lib_text:pair(count, Count).
-else.
text(#ledger{count = Count, owner = Owner}) ->
    [shapes_lib_text:pair(count, Count), shapes_lib:label(owner, Owner)].
-endif.

-if(?SHAPES < 110).
code_change(_From, Ledger, _Extra) -> {ok, Ledger}.
-elif(?SHAPES =:= 130).
code_change(_From, _Ledger, _Extra) -> error(ledger_is_sealed).
-else.
code_change({down, "1"}, #ledger{count = Count}, _Extra) -> {ok, {ledger, Count}};
code_change(_From, {ledger, Count}, _Extra) -> {ok, #ledger{count = Count}};
code_change(_From, #ledger{} = Ledger, _Extra) -> {ok, Ledger}.
-endif.
