// Another user of a host, without any right there: processes by odd names, ports that are first come first served, what others leave open.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { joinedAgent } from "../../scripts/join-agent.mjs";
import { answerOf, counterSpec, openShop, type Shop } from "../e2e/shop.ts";
import { until } from "../lab/command.ts";
import { type Host, whyNoLab } from "../lab/lab.ts";

const because = whyNoLab();
const APP = "apps/counter/app.yaml";

describe.skipIf(because !== undefined)(because ?? "another user of a host", () => {
  let shop: Shop;
  let host: Host;
  const sh = (text: string) => host.exec(["sh", "-c", text]);
  /** In the background, until all of that user's is killed. */
  const asMallory = (text: string) =>
    sh(`setsid setpriv --reuid=mallory --regid=mallory --init-groups sh -c '${text}' </dev/null >/dev/null 2>&1 &`);
  const agent = async (...lines: string[]): Promise<string> => {
    const before = [joinedAgent(), "ROOT=/opt/releases BASE=$ROOT/.beamline APP=counter"];
    const { stdout, stderr } = await host.exec(["sh"], { input: [...before, ...lines, ""].join("\n") });
    return `${stdout}${stderr}`.trim();
  };

  beforeAll(async () => {
    shop = await openShop({ hosts: 1 });
    [host] = shop.lab.hosts as [Host];
    await host.exec(["useradd", "--create-home", "mallory"]);
    const { code, log } = await shop.push({ [APP]: counterSpec("1.0.0") });
    expect(code, log).toBe(0);
  });
  afterAll(() => shop.close());

  test("who names a process with a line end keeps no app from its next version", async () => {
    await sh("cp /bin/dash /home/mallory/beam.smp");
    await asMallory('/home/mallory/beam.smp -c "printf \\"a\\nb\\" >/proc/\\$\\$/comm; while :; do sleep 1; done"');
    await until("it has its name", async () => (await sh("grep -lx a /proc/[0-9]*/comm")).stdout !== "");
    const { code, log } = await shop.push({ [APP]: counterSpec("1.1.0") });
    await host.exec(["pkill", "-9", "-u", "mallory"]);
    expect(code, log).toBe(0);
    expect(await answerOf(host, "/version")).toBe("1.1.0");
  });

  test("who has epmd's port learns nothing of what is meant for a node, and is obeyed by nobody", async () => {
    const find =
      'find_vm; find_node "$vm" || echo "no node"; if find_address "$vm"; then echo "$node_address"; else echo none; fi';
    expect(await agent(find)).toMatch(/^127\.0\.0\.1:\d+$/);
    const isMallorys = `awk -v uid="$(id -u mallory)" '$2 ~ /:1111$/ && $4 == "0A" && $8 == uid { ok = 1 } END { exit !ok }' /proc/net/tcp`;
    // Port 1 under the app's name: nothing there is the app's.
    const fake = `{ok, L} = gen_tcp:listen(4369, [binary, {active, false}, {reuseaddr, true}]),
      F = fun F() -> {ok, S} = gen_tcp:accept(L), {ok, _} = gen_tcp:recv(S, 0),
        gen_tcp:send(S, <<4369:32, "name counter at port 1\\\\n">>), gen_tcp:close(S), F() end, F().`;
    await host.exec(["pkill", "-x", "epmd"]);
    await asMallory(`erl -noinput -eval "${fake.replaceAll('"', '\\"').replace(/\s+/g, " ")}"`);
    await until("it listens", async () => (await sh(isMallorys)).code === 0);
    expect(await agent(find)).toBe("none");
    await host.exec(["pkill", "-9", "-u", "mallory"]);
  });

  test("becomes a user without anything that an op holds open", async () => {
    const open = 'for fd in 3 4 5 8 9; do eval "exec $fd</etc/hostname"; done';
    const seen = await agent(open, "app_lang=C; (become 65534 65534 --clear-groups ls /proc/self/fd)");
    // 3 is ls's own.
    expect(seen.split(/\s+/).filter((fd) => Number(fd) < 10)).toEqual(["0", "1", "2", "3"]);
  });

  test("in root's group is somebody who may write where that group may", async () => {
    const isOfOne = "who_we_are; if is_group_of_one 0; then echo nobody; else echo somebody; fi";
    expect(await agent(isOfOne)).toBe("nobody");
    await host.exec(["usermod", "-aG", "root", "mallory"]);
    expect(await agent(isOfOne)).toBe("somebody");
    await host.exec(["gpasswd", "-d", "mallory", "root"]);
  });
});
