%% A process that waits in the code that it was started with, whatever is loaded meanwhile: no call in its loop is fully
%% qualified, and no supervisor knows it. Started and ended on request; the module differs in 1.1.0 and again in 1.2.0.
-module(shapes_linger).

-export([start/0, stop/0, show/0]).

-if(?SHAPES < 110).
-define(STARTED_IN, "1.0.0").
-elif(?SHAPES < 120).
-define(STARTED_IN, "1.1.0").
-else.
-define(STARTED_IN, "1.2.0").
-endif.

start() ->
    _ = [register(?MODULE, spawn(fun loop/0)) || whereis(?MODULE) =:= undefined],
    ok.

stop() ->
    case whereis(?MODULE) of
        undefined ->
            ok;
        Pid ->
            Ref = monitor(process, Pid),
            Pid ! stop,
            receive {'DOWN', Ref, process, _, _} -> ok end
    end.

%% Whose code it runs, and whether that is still the loaded one.
show() ->
    case whereis(?MODULE) of
        undefined ->
            "none";
        Pid ->
            Ref = monitor(process, Pid),
            Pid ! {who, self(), Ref},
            receive
                {Ref, StartedIn} ->
                    demonitor(Ref, [flush]),
                    Age = case erlang:check_process_code(Pid, ?MODULE) of true -> "old"; false -> "loaded" end,
                    [StartedIn, " ", Age];
                {'DOWN', Ref, process, _, _} ->
                    "none"
            end
    end.

loop() ->
    receive
        {who, From, Ref} -> From ! {Ref, ?STARTED_IN}, loop();
        stop -> ok
    end.
