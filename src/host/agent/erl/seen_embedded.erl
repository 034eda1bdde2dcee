%% What is known of an embedded application, for a look at it. Bound before: App.
{Label, Config, Since, Version, Ready} =
  case {persistent_term:get({beamline, App}, none), lists:keyfind(App, 1, application:which_applications())} of
    {#{release := ItsRelease, config := ItsConfig, since := ItsStart}, {App, _, Vsn}} -> {ItsRelease, ItsConfig, ItsStart, Vsn, true};
    _ -> {"", "-", 0, "", "the application is not started in its node"}
  end,
IsStarted = Ready =:= true,
WhatRuns = "the application is started",
