%% No code_change. 1.1.0 answers another text; in 1.4.0 the record of its state gets a field, which is a mistake.
-module(shapes_cart).
-behaviour(gen_server).

-export([start_link/0, show/0, add/0]).
-export([init/1, handle_call/3, handle_cast/2]).

-if(?SHAPES =:= 140).
-record(cart, {count = 0 :: non_neg_integer(), coupon = none :: atom()}).
-else.
-record(cart, {count = 0 :: non_neg_integer()}).
-endif.

start_link() -> gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).

show() -> gen_server:call(?MODULE, show).

add() -> gen_server:call(?MODULE, add).

init([]) -> {ok, #cart{}}.

handle_call(show, _From, Cart) -> {reply, text(Cart), Cart};
handle_call(add, _From, #cart{count = Count} = Cart) -> {reply, ok, Cart#cart{count = Count + 1}}.

handle_cast(_Request, Cart) -> {noreply, Cart}.

-if(?SHAPES < 110).
text(#cart{count = Count}) -> io_lib:format("count=~b", [Count]).
-elif(?SHAPES =:= 140).
text(#cart{count = Count, coupon = Coupon}) -> io_lib:format("count=~b of=goods coupon=~p", [Count, Coupon]).
-else.
text(#cart{count = Count}) -> io_lib:format("count=~b of=goods", [Count]).
-endif.
