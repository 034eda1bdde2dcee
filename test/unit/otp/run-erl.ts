// The Erlang of this machine, asked what it makes of the same.
import { execFileSync } from "node:child_process";

/** What `expressions` print; they end with a full stop's worth of halt() by themselves. */
export function erl(expressions: string, ...more: string[]): string {
  const argv = ["-noshell", "-boot", "start_clean", ...more, "-eval", `${expressions}, halt().`];
  return execFileSync("erl", argv, {
    encoding: "utf8",
    maxBuffer: 100_000_000,
    env: { ...process.env, HOME: "/tmp", ERL_CRASH_DUMP_BYTES: "0" },
  });
}

/** Directories of .beam files that came with Erlang and Elixir. */
export function installedBeams(): string[] {
  const out = erl(
    `[io:format("~ts~n", [F]) || D <- [code:lib_dir(), "/usr/lib/elixir/lib"], F <- filelib:wildcard(D ++ "/*/ebin/*.beam")]`,
  );
  return out.split("\n").filter(Boolean);
}

/** A module from its source, with debug information; `then` may make another binary of `Beam`, the last that it binds. */
export function compiled(source: string, then = "S = Beam"): Uint8Array {
  const out = erl(
    `{ok, Tokens, _} = erl_scan:string(unicode:characters_to_list(base64:decode("${Buffer.from(source).toString("base64")}"))),
     Split = fun Split([], []) -> []; Split([], Acc) -> [lists:reverse(Acc)];
       Split([{dot, _} = T | Ts], Acc) -> [lists:reverse([T | Acc]) | Split(Ts, [])]; Split([T | Ts], Acc) -> Split(Ts, [T | Acc]) end,
     Forms = [begin {ok, F} = erl_parse:parse_form(Ts), F end || Ts <- Split(Tokens, [])],
     {ok, _, Beam} = compile:forms(Forms, [debug_info]), ${then}, io:format("~s", [base64:encode(S)])`,
  );
  return Uint8Array.from(Buffer.from(out, "base64"));
}
