%% Takes an application, and what came with it and nothing else needs, out of the node. Prints `gone`, or `failed` and why.
%% Bound before: App.
Alone(fun() ->
        try
          Unembed(Embedded(App)),
          io:format("gone~n")
        catch
          _:Thrown -> Failed(Thrown)
        end
      end).
