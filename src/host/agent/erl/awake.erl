%% How far a node is that can be asked: `starting` while its boot script starts applications, for until then what it has of its own
%% can't be told from what it lacks; then `booted`, and `awake` when what its arguments have it evaluate is evaluated, too, which may
%% never be. One that is stopping is neither.
io:format("~s", [case init:get_status() of {started, _} -> awake; {starting, started} -> booted; _ -> starting end]).
