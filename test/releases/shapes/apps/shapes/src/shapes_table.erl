%% Owns a table; its own state has nothing but the table's name. 1.1.0 gives each row a unit.
-module(shapes_table).
-behaviour(gen_server).

-export([start_link/0, show/0, add/0]).
-export([init/1, handle_call/3, handle_cast/2, code_change/3]).

-if(?SHAPES < 110).
-vsn("1").
-else.
-vsn("2").
-endif.

start_link() -> gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).

add() -> gen_server:call(?MODULE, add).

init([]) ->
    Table = ets:new(?MODULE, [named_table, protected]),
    true = ets:insert(Table, rows()),
    {ok, Table}.

handle_call(add, _From, Table) ->
    _ = ets:update_counter(Table, apples, 1),
    {reply, ok, Table}.

handle_cast(_Request, Table) -> {noreply, Table}.

-if(?SHAPES < 110).

rows() -> [{apples, 0}, {pears, 0}].

%% Read by whoever asks, not by the owner.
show() ->
    io_lib:format("count=~b", [lists:sum([Count || {_, Count} <- ets:tab2list(?MODULE)])]).

code_change(_From, Table, _Extra) -> {ok, Table}.

-else.

rows() -> [{apples, 0, shapes_lib_units:unit()}, {pears, 0, shapes_lib_units:unit()}].

show() ->
    Rows = ets:tab2list(?MODULE),
    [Unit] = lists:usort([Unit || {_, _, Unit} <- Rows]),
    io_lib:format("count=~b unit=~p", [lists:sum([Count || {_, Count, _} <- Rows]), Unit]).

code_change({down, "1"}, Table, _Extra) ->
    true = ets:insert(Table, [{Key, Count} || {Key, Count, _} <- ets:tab2list(Table)]),
    {ok, Table};
code_change(_From, Table, _Extra) ->
    Unit = shapes_lib_units:unit(),
    true = ets:insert(Table, [{Key, Count, Unit} || {Key, Count} <- ets:tab2list(Table)]),
    {ok, Table}.

-endif.
