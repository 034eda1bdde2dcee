// Three real hosts, a spec repository, and six pushes to it: what Beamline does to a fleet, in a minute or two.

import { runJob } from "../test/e2e/action.ts";
import { buildReleases } from "../test/e2e/releases.ts";
import { SpecRepository } from "../test/e2e/spec-repository.ts";
import { type SteadyClient, startSteadyClient } from "../test/e2e/steady-client.ts";
import { startDouble } from "../test/github/double.ts";
import { type Host, type Lab, startLab } from "../test/lab/lab.ts";
import { Client, type Target } from "./client.ts";
import { type Push, pushes } from "./pushes.ts";
import { aside, type Held, heading, type Played, playedText, totalText } from "./summary.ts";

const say = (lines: readonly string[]): void => {
  for (const line of lines) process.stdout.write(`${line}\n`);
};

async function answer(host: Host, path: string, port: number): Promise<string> {
  try {
    return await (await fetch(`http://${host.address}:${port}${path}`)).text();
  } catch (error) {
    if (error instanceof TypeError) return "down";
    throw error;
  }
}

/** Everything that is not as the push must leave it; empty when all is well. */
async function surprises({ expected }: Push, lab: Lab, played: Played): Promise<string[]> {
  const found: string[] = [];
  const expect = (what: string, got: unknown, wanted: unknown): void => {
    if (got !== wanted) found.push(`${what} is ${got}, should be ${wanted}`);
  };
  expect("the exit code", played.result.code, expected.exitCode);
  for (const host of lab.hosts) {
    expect(`${host.name}'s counter`, await answer(host, "/version", 8080), expected.counter);
    expect(`${host.name}'s greeter`, await answer(host, "/version", 8090), "1.0.0");
    if (expected.greeting !== undefined)
      expect(`${host.name}'s greeting`, await answer(host, "/env/greeting", 8080), `{ok,<<"${expected.greeting}">>}`);
    const line = played.result.log
      .split("\n")
      .find((it) => it.startsWith(`  ${host.name}/counter `) && expected.outcome.test(it));
    if (line === undefined) found.push(`the result of ${host.name}/counter does not say ${expected.outcome}`);
  }
  for (const { target, failedLooks } of played.interruptions) {
    const mayNotice = played.number === 1 || (target.app === "counter" && expected.interrupts);
    if (!mayNotice && failedLooks > 0) found.push(`${target.host}'s ${target.app} was interrupted`);
  }
  for (const { failures } of played.held)
    for (const failure of failures) found.push(`a held connection broke: ${failure}`);
  if (played.held.some(({ goesOn }) => !goesOn)) found.push("a count did not go on");
  return found;
}

/** What became of a client's connection. Others count, too: what it was told goes up, and nothing begins anew. */
async function heldBy(client: SteadyClient): Promise<Held> {
  await client.stop();
  const { answers, failures, slowestMs } = client;
  const counts = answers.map(Number);
  const goesOn = counts.every((count, index) => index === 0 || count > (counts[index - 1] ?? 0));
  return { answers: answers.length, failures, slowestMs, goesOn };
}

function fleetFile(lab: Lab): string {
  const hosts = lab.hosts.map(
    ({ name, address, hostKey }) => `  ${name}: {address: ${address}, host_key: "${hostKey}"}`,
  );
  return ["defaults: {user: root, root: /opt/releases}", "hosts:", ...hosts, ""].join("\n");
}

async function play(lab: Lab): Promise<boolean> {
  const github = await startDouble();
  const repository = new SpecRepository();
  const targets = lab.hosts.flatMap((host): Target[] => [
    { app: "counter", host: host.name, url: `http://${host.address}:8080/count` },
    { app: "greeter", host: host.name, url: `http://${host.address}:8090/` },
  ]);
  const client = new Client(targets);
  const begin = performance.now();
  const all: Played[] = [];
  try {
    repository.push({ "fleet.yaml": fleetFile(lab) });
    for (const [index, push] of pushes.entries()) {
      say([aside(`push ${index + 1} of ${pushes.length}: ${push.title} …`)]);
      const { sha, before } = repository.push(push.files);
      const holding = push.expected.keepsConnections
        ? lab.hosts.map(({ address }) => startSteadyClient(address, 8080, "/count"))
        : [];
      const since = performance.now();
      const result = await runJob({
        workspace: repository.checkout(sha),
        event: { name: "push", sha, payload: { before } },
        inputs: { "ssh-key": lab.userKey.text, "github-token": "a-token-of-the-demo" },
        apiUrl: github.url,
      });
      const runMs = performance.now() - since;
      const played: Played = {
        number: index + 1,
        title: push.title,
        result,
        runMs,
        interruptions: client.interruptions(since),
        held: await Promise.all(holding.map(heldBy)),
      };
      all.push(played);
      say(playedText(played));
      const wrong = await surprises(push, lab, played);
      if (wrong.length > 0) {
        say([
          heading("This is not what should have happened"),
          ...wrong.map((it) => `  ${it}`),
          heading("The run's log"),
          result.log,
        ]);
        return false;
      }
    }
  } finally {
    await client.stop();
    repository.remove();
    await github.close();
  }
  say(totalText(all, performance.now() - begin));
  return true;
}

say([heading("Beamline's demo"), aside("building two Erlang/OTP releases with rebar3 (kept in .cache/) …")]);
buildReleases(["counter", "greeter"]);
say([aside("starting three hosts, each with an sshd of its own …")]);
const lab = await startLab({ hosts: 3 });
try {
  process.exitCode = (await play(lab)) ? 0 : 1;
} finally {
  await lab.stop();
}
