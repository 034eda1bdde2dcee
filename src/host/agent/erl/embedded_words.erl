%% Why an application can't be embedded, in words.
InWords = fun({has, A, F}) -> io_lib:format("the node has an application ~p of its own (~ts)", [A, F]);
             ({missing, A}) -> io_lib:format("it needs the application ~p, which neither the node nor the release has", [A]);
             ({clash, M, F}) -> io_lib:format("the node has a module ~p of its own (~0p)", [M, F]);
             ({not_loaded, Modules}) -> io_lib:format("code does not load: ~0p", [lists:sublist(Modules, 3)]);
             ({start, A, Reason}) -> io_lib:format("application ~p: ~0P", [A, Reason, 30]);
             ({timeout, Ms}) -> io_lib:format("application ~p has not started within ~b ms", [App, Ms]);
             (Other) -> io_lib:format("~0P", [Other, 30])
          end,
IsRefusal = fun(Why) -> is_tuple(Why) andalso lists:member(element(1, Why), [has, missing, clash]) end,
Failed = fun(Why) -> io:format("~s~n~ts~n", [case IsRefusal(Why) of true -> refused; false -> failed end, InWords(Why)]) end,
