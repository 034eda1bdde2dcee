%% Purges what old code of modules there still is, which kills who runs it. Bound before: Modules.
_ = [code:purge(M) || M <- Modules, erlang:check_old_code(M)].
