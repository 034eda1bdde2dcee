%% The count outlives a crash of the listener, and the listener never runs without the count.
-module(counter_sup).
-behaviour(supervisor).

-export([start_link/0, init/1]).

start_link() ->
    supervisor:start_link({local, ?MODULE}, ?MODULE, []).

init([]) ->
    Children = [
        #{id => counter_server, start => {counter_server, start_link, []}},
        #{id => counter_http, start => {counter_http, start_link, []}}
    ],
    {ok, {#{strategy => rest_for_one, intensity => 5, period => 10}, Children}}.
