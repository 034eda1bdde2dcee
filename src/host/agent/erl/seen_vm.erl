%% What is known of the release that the VM runs, for a look at it. Bound before: App.
{Name, Version} = case init:script_id() of {N, V} -> {N, V}; _ -> {"", ""} end,
%% While it installs a release it answers nobody else: then the label is `?`.
Releases = case os:getenv("RELDIR") of false -> []; _ -> catch gen_server:call(release_handler, which_releases, 2000) end,
Label = case is_list(Releases) of
          true -> hd([L || {_, L, _, current} <- Releases] ++ [L || {_, L, _, permanent} <- Releases] ++ [""]);
          false -> case Releases of {'EXIT', {timeout, _}} -> "?"; _ -> "" end
        end,
Ready = case init:get_status() of {started, _} -> true; _ -> "the VM is still starting its applications" end,
IsStarted = lists:keymember(App, 1, application:which_applications()) orelse Name =:= atom_to_list(App),
WhatRuns = "the VM runs and its applications are started",
{Config, Since} = {"-", 0},
