import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { atomsOf } from "../../../src/otp/beam-chunks.ts";
import type { BeamModule } from "../../../src/otp/beam-file.ts";
import { readBeam } from "../../../src/otp/beam-file.ts";
import { applicationDigest } from "../../../src/otp/module-digest.ts";
import { ITS_MD5, NATIVE_RECORD } from "./native-record.ts";
import { compiled, erl, installedBeams } from "./run-erl.ts";

const beams = installedBeams();

function known(module: ReturnType<typeof readBeam>): BeamModule {
  if ("error" in module) throw new Error(module.error);
  return module;
}

describe("every module that came with Erlang and Elixir", () => {
  test("has the digest, calls and behaviours that beam_lib has, and the same records (of every seventh: they take long)", () => {
    const out = erl(
      `Files = [F || D <- [code:lib_dir(), "/usr/lib/elixir/lib"], F <- filelib:wildcard(D ++ "/*/ebin/*.beam")],
       [begin
          {ok, {M, MD5}} = beam_lib:md5(F),
          {ok, {M, [{imports, Is}]}} = beam_lib:chunks(F, [imports]),
          As = case beam_lib:chunks(F, [attributes]) of {ok, {_, [{_, A}]}} -> A; _ -> [] end,
          Rs = case I rem 7 =:= 0 andalso beam_lib:chunks(F, [debug_info]) of
            {ok, {_, [{debug_info, {debug_info_v1, erl_abstract_code, {Forms, _}}}]}} when is_list(Forms) ->
              lists:sort(maps:to_list(maps:from_list([{N, length(Fs)} || {attribute, _, record, {N, Fs}} <- Forms])));
            _ -> none
          end,
          Bs = lists:append([V || {K, V} <- As, K =:= behaviour orelse K =:= behavior]),
          io:format("~ts ~s ~w ~w ~w~n", [F, string:lowercase(binary:encode_hex(MD5)),
            length(lists:delete(M, lists:usort([Called || {Called, _, _} <- Is]))), length(Bs),
            case Rs of none -> none; _ -> {length(Rs), lists:sum([L || {_, L} <- Rs])} end])
        end || {I, F} <- lists:zip(lists:seq(0, length(Files) - 1), Files)]`,
    );
    const ours = beams.map((path, index) => {
      const { md5, calls, behaviours, records } = known(readBeam(readFileSync(path)));
      const fields = records && [...records.values()].reduce((sum, it) => sum + it.length, 0);
      const seen = index % 7 > 0 || path.includes("/Elixir.") || !records ? "none" : `{${records.size},${fields}}`;
      return `${path} ${md5} ${calls.length} ${behaviours.length} ${seen}`;
    });
    expect(ours.length).toBeGreaterThan(1000);
    expect(ours).toEqual(out.split("\n").filter(Boolean));
  });
});

describe("a module", () => {
  const counter = compiled(`
    -module(counter).
    -vsn("1.0").
    -behaviour(gen_server).
    -record(state, {count = 0 :: integer(), step}).
    -export([init/1, handle_call/3, handle_cast/2, code_change/3, other/0]).
    init(_) -> {ok, #state{}}.
    handle_call(_, _, S) -> {reply, ets:info(a), S}.
    handle_cast(_, S) -> {noreply, S}.
    code_change(_, S, _) -> {ok, S}.
    other() -> <<"'é'"/utf8>>.`);

  test("is told by its behaviours, callbacks, calls, version, and the fields of its records", () => {
    const { md5, ...facts } = known(readBeam(counter));
    expect(md5).toMatch(/^[0-9a-f]{32}$/);
    expect(facts).toEqual({
      name: "counter",
      behaviours: ["gen_server"],
      exports: ["code_change/3", "handle_call/3", "handle_cast/2", "init/1"],
      calls: ["erlang", "ets"],
      isNative: false,
      vsn: '"1.0"',
      records: new Map([["state", ["count", "step"]]]),
    });
  });

  test("of OTP 29 is digested with its native records and what its debugger reads; a native record is a record", () => {
    expect(known(readBeam(NATIVE_RECORD))).toMatchObject({ md5: ITS_MD5, records: new Map([["pt", ["x", "y"]]]) });
  });

  test("is the same where it is gzipped", () => {
    expect(readBeam(gzipSync(counter))).toEqual(readBeam(counter));
  });

  test("without debug information has records that can't be seen; without attributes, no version either", () => {
    const stripped = known(readBeam(compiled("-module(counter).", "{ok, {_, S}} = beam_lib:strip(Beam)")));
    expect(stripped).toMatchObject({ name: "counter", records: null, vsn: null });
  });

  test("with a version that is no text has it as code_change/3 is told", () => {
    const vsns = ["1", "foo", "[1,2]", '"a"', "{1,b}"].map(
      (vsn) => known(readBeam(compiled(`-module(m). -vsn(${vsn}).`))).vsn,
    );
    expect(vsns).toEqual(["1", "foo", "[1,2]", '"a"', "{1,b}"]);
  });

  test("that loads a library, or does something when it is loaded, is native", () => {
    const loads = "-module(m). -export([f/0]). f() -> erlang:load_nif(a, 0).";
    expect(known(readBeam(compiled(loads))).isNative).toBe(true);
    expect(known(readBeam(compiled("-module(m). -on_load(f/0). f() -> ok."))).isNative).toBe(true);
  });

  test("of Elixir has its struct for a record", () => {
    expect(known(readBeam(readFileSync("/usr/lib/elixir/lib/elixir/ebin/Elixir.Task.beam"))).records).toEqual(
      new Map([["Elixir.Task", ["mfa", "owner", "pid", "ref"]]]),
    );
  });

  test("that is cut, or changed in any byte, is read or refused in words", () => {
    for (let end = 0; end < counter.length; end += 1)
      expect(readBeam(counter.subarray(0, end))).toHaveProperty("error");
    for (let index = 0; index < counter.length; index += 1)
      for (const byte of [0, 1, 0x7f, 0xff]) {
        const changed = counter.slice();
        changed[index] = byte;
        const module = readBeam(changed);
        expect("error" in module ? module.error : module.md5).toMatch(/^[^\n]{5,120}$/);
      }
  });
});

describe("the atoms of OTP 28", () => {
  test("have lengths as the loader writes numbers", () => {
    const names = ["counter", "x".repeat(15), "y".repeat(16), "z".repeat(300), "w".repeat(2_047), "v".repeat(2_048)];
    const lengths = [[0x70], [0xf0], [0x08, 16], [0x28, 44], [0xe8, 0xff], [0x18, 8, 0]];
    const pieces = names.flatMap((name, index) => [Buffer.from(lengths[index] ?? []), Buffer.from(name)]);
    const count = Buffer.alloc(4);
    count.writeInt32BE(-names.length);
    expect(atomsOf(new Map([["AtU8", Buffer.concat([count, ...pieces])]]))).toEqual(names);
  });
});

describe("an application's digest", () => {
  test("is what erlang makes of its modules' digests, sorted by their names' bytes", () => {
    const modules = new Map(
      ["b", "aé", "a_b", "a", "aB", "😀"].map((name, index) => [name, { md5: `${index}`.repeat(32) }]),
    );
    const out = erl(
      `L = [{list_to_binary(N), H} || {N, H} <- [${[...modules]
        .map(([name, { md5 }]) => `{[${[...Buffer.from(name)].join(",")}],"${md5}"}`)
        .join(",")}]],
       io:format("~s", [binary:encode_hex(erlang:md5([[N, " ", H, "\n"] || {N, H} <- lists:sort(L)]))])`,
    );
    expect(applicationDigest(modules)).toBe(out.toLowerCase());
  });
});
