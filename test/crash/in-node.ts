// What a node says of the application that is embedded in it: all that a version may leave behind, and all that it needs.
import type { Host } from "../lab/lab.ts";

/** A line each; of code, whether it is that of the file which the code path leads to. */
const TELL = `
Is = fun(What) -> string:find(io_lib:format("~0p", [What]), "lodger") =/= nomatch end,
Md5 = fun(M) -> case beam_lib:md5(code:where_is_file(atom_to_list(M) ++ ".beam")) of {ok, {M, D}} -> D; _ -> none end end,
Running = [A || {A, _, _} <- application:which_applications()],
[io:format("~s ~s ~s~n", [case lists:member(A, Running) of true -> runs; false -> loaded end, A, V]) || {A, _, V} <- application:loaded_applications(), Is(A)],
[io:format("path ~s~n", [P]) || P <- code:get_path(), Is(P)],
[io:format("code ~s ~s~n", [M, case Md5(M) =:= M:module_info(md5) of true -> current; false -> other end]) || {M, F} <- code:all_loaded(), is_list(F), Is({M, F})],
[io:format("state ~s ~s ~s~n", [R, C, case S of #{changing := _} -> changing; _ -> whole end]) || {{beamline, lodger}, #{release := R, config := C} = S} <- persistent_term:get()],
case global:set_lock({beamline, self()}, [node()], 0) of true -> global:del_lock({beamline, self()}, [node()]); false -> io:format("locked~n") end.
`;

const ASK = `cd /opt/releases/counter/current
HOME=/root erts-*/bin/erl_call -sname counter -R -fetch_stdout -no_result_term -timeout 10 -e`;

async function asked(host: Host, expression: string): Promise<string[]> {
  const { code, stdout, stderr } = await host.exec(["sh", "-c", ASK], { input: expression });
  return code === 0 ? stdout.split("\n").filter(Boolean) : [`nothing: ${stderr}`];
}

/** What is wrong in the node of a host where the lodger should be that version with that configuration, or leave nothing. */
export async function nodeViolations(
  host: Host,
  expected: { version: string; config: string } | null,
): Promise<string[]> {
  const said = (await asked(host, TELL)).sort();
  const wanted = expected === null ? [] : saidOf(expected).sort();
  return [
    ...said.filter((line) => !wanted.includes(line)).map((line) => `its node says "${line}"`),
    ...wanted.filter((line) => !said.includes(line)).map((line) => `its node does not say "${line}"`),
  ];
}

/** The process that has the lodger's state. */
export const lodgersProcess = async (host: Host): Promise<string> =>
  (await asked(host, 'io:format("~p~n", [whereis(lodger_http)]).')).join();

function saidOf({ version, config }: { version: string; config: string }): string[] {
  const apps = ["lodger", "lodger_lib"];
  return [
    ...apps.map((app) => `runs ${app} ${version}`),
    ...apps.map((app) => `path /opt/releases/lodger/${version}/lib/${app}-${version}/ebin`),
    ...["lodger_app", "lodger_http", "lodger_lib"].map((module) => `code ${module} current`),
    `state ${version} ${config} whole`,
  ];
}
