%% Keeps the listener running.
-module(greeter_sup).
-behaviour(supervisor).

-export([start_link/0, init/1]).

start_link() ->
    supervisor:start_link({local, ?MODULE}, ?MODULE, []).

init([]) ->
    {ok, {#{}, [#{id => greeter_http, start => {greeter_http, start_link, []}}]}}.
