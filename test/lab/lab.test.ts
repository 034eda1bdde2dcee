/** Run as: node test/lab/enter.ts node_modules/.bin/vitest run test/lab */
import { once } from "node:events";
import { readFile, readlink, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Finished, run, until } from "./command.ts";
import { type Host, type Lab, startLab, whyNoLab } from "./lab.ts";
import { BRIDGE_ADDRESS } from "./lab-place.ts";
import { processesOf } from "./processes.ts";

const because = whyNoLab();

describe.skipIf(because !== undefined)(because ?? "the lab", () => {
  let lab: Lab;
  let web1: Host;
  let web2: Host;
  let web3: Host;

  beforeAll(async () => {
    lab = await startLab({ hosts: [{}, { port: 2222 }, { noise: true }] });
    [web1, web2, web3] = [lab.host("web1"), lab.host("web2"), lab.host("web3")];
  }, 30_000);
  afterAll(() => lab.stop());

  type Login = { user?: string; patienceS?: number };

  function ssh(host: Host, argv: readonly string[], { user = "root", patienceS = 10 }: Login = {}): Promise<Finished> {
    const patience = `ConnectTimeout=${patienceS}`;
    const options = ["StrictHostKeyChecking=yes", `UserKnownHostsFile=${lab.knownHosts.path}`, patience];
    const each = [...options, "BatchMode=yes", "IdentitiesOnly=yes"].flatMap((option) => ["-o", option]);
    const destination = ["-i", lab.userKey.path, "-p", String(host.port), `${user}@${host.address}`];
    return run(["ssh", "-F", "/dev/null", ...each, ...destination, ...argv]);
  }

  it("lets root and deploy log in at hosts with the given keys", async () => {
    for (const user of ["root", "deploy"]) {
      const answers = await Promise.all(lab.hosts.map((host) => ssh(host, ["id -un; hostname"], { user })));
      const lines = answers.map(({ stdout }) => stdout.split("\n").slice(-3, -1));
      expect(lines).toEqual(["web1", "web2", "web3"].map((name) => [user, name]));
    }
  });

  it("refuses a host with another host's key", async () => {
    const stranger = `[${web2.address}]:${web2.port} ${web1.hostKey}\n`;
    const path = `${lab.knownHosts.path}.wrong`;
    await writeFile(path, stranger);
    const options = ["-o", "StrictHostKeyChecking=yes", "-o", `UserKnownHostsFile=${path}`, "-o", "BatchMode=yes"];
    const answer = await run(["ssh", "-F", "/dev/null", ...options, "-p", "2222", `root@${web2.address}`, "true"]);
    expect(answer.code).toBe(255);
    expect(answer.stderr).toContain("REMOTE HOST IDENTIFICATION HAS CHANGED");
  });

  it("makes noise on stdout and stderr only where asked for", async () => {
    expect(await ssh(web1, ["echo", "answer"])).toEqual({ code: 0, stdout: "answer\n", stderr: "" });
    const noisy = await ssh(web3, ["echo", "answer"]);
    expect(noisy.stdout).toBe("hello from .bashrc\nanswer\n");
    expect(noisy.stderr).toBe("*** web3: authorised use only ***\nhello from .bashrc\n");
  });

  it("gives each host a machine-id, a hostname, a boot id and processes of its own", async () => {
    const ids = await Promise.all(lab.hosts.map((host) => host.exec(["cat", "/etc/machine-id"])));
    expect(ids.map(({ stdout }) => stdout.trim())).toEqual(lab.hosts.map(({ machineId }) => machineId));
    expect(new Set(lab.hosts.map(({ machineId }) => machineId)).size).toBe(3);
    const boots = await Promise.all(lab.hosts.map((host) => host.exec(["cat", "/proc/sys/kernel/random/boot_id"])));
    expect(new Set(boots.map(({ stdout }) => stdout)).size).toBe(3);
    const processes = await web1.exec(["ps", "-eo", "comm="]);
    expect(processes.stdout.split("\n").sort().join(" ").trim()).toBe("ps sh sleep sshd");
  });

  it("hides the machine: no checkout, an empty /opt, homes without leftovers", async () => {
    const { stdout } = await web1.exec(["ls", "-A", "/work", "/opt", "/home", "/root"]);
    expect(stdout).toBe("/home:\ndeploy\n\n/opt:\n\n/root:\n.ssh\n");
  });

  it("gives a session the usual PATH, a terminal when asked, and SIGINT", async () => {
    const { stdout } = await ssh(web1, ["echo $PATH; grep SigIgn /proc/self/status"]);
    expect(stdout).toBe("/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\nSigIgn:\t0000000000000000\n");
    const terminal = await ssh(web1, ["-tt", "tty"]);
    expect(terminal.stdout.trim()).toBe("/dev/pts/0");
  });

  it("keeps a port listened on in one host away from the others", async () => {
    const listener = web1.exec(["timeout", "20", "socat", "-u", "TCP-LISTEN:4369,reuseaddr", "STDOUT"]);
    await until("web1 listens", async () => (await web1.exec(["ss", "-Hltn", "sport = 4369"])).stdout !== "");
    const reach = (host: Host, to: string) => host.exec(["socat", "-u", "STDIN", `TCP:${to}:4369`], { input: "hi" });
    expect((await reach(web2, "127.0.0.1")).stderr).toContain("Connection refused");
    expect((await reach(web3, web2.address)).stderr).toContain("Connection refused");
    expect((await reach(web2, web1.name)).code).toBe(0);
    expect((await listener).stdout).toBe("hi");
  });

  it("reaches nothing but the lab from a host", async () => {
    const { stdout } = await web1.exec(["ip", "-4", "route"]);
    expect(stdout.trim()).toBe(`198.18.0.0/16 dev eth0 proto kernel scope link src ${web1.address}`);
    expect((await web1.exec(["socat", "-u", "/dev/null", `TCP:${BRIDGE_ADDRESS}:9`])).stderr).toContain("refused");
  });

  it("loses a host that is cut, and has it again when restored", async () => {
    await web2.cut();
    expect((await ssh(web2, ["true"], { patienceS: 1 })).stderr).toContain("timed out");
    expect((await ssh(web1, ["true"])).code).toBe(0);
    await web2.restore();
    expect((await ssh(web2, ["true"])).code).toBe(0);
  });

  it("keeps files, keys and address of a host that is killed and booted, and none of its processes", async () => {
    const before = web1.pid;
    await web1.exec([
      "sh",
      "-c",
      "echo kept > /opt/kept; echo lost > /tmp/lost; cp /proc/sys/kernel/random/boot_id /opt",
    ]);
    await web1.exec(["sh", "-c", "setsid sleep 1000 >/dev/null 2>&1 &"]);
    await web1.kill();
    expect(processesOf(before)).toEqual([]);
    expect(web1.isUp).toBe(false);
    expect(await readFile(web1.file("/opt/kept"), "utf8")).toBe("kept\n");
    expect((await ssh(web1, ["true"], { patienceS: 1 })).code).toBe(255);
    await web1.boot();
    const { stdout } = await ssh(web1, [
      "cat /opt/kept; ls /tmp; cmp -s /opt/boot_id /proc/sys/kernel/random/boot_id || echo anew",
    ]);
    expect(stdout).toBe("kept\nanew\n");
  });

  it("reaps a zombie that is reparented to PID 1", async () => {
    const { stdout } = await web1.exec(["sh", "-c", "(sleep 0.5 >/dev/null 2>&1 & echo $!)"]);
    const stat = await web1.exec(["cat", `/proc/${stdout.trim()}/stat`]);
    expect(stat.stdout).toMatch(/^\d+ \(sleep\) S 1 /);
    await until("only PID 1, its sleep and sshd are left", () => web1.pids().length === 3);
  });

  it("hangs: connections are accepted, nothing is said, until resumed", async () => {
    web2.hang();
    const socket = connect(web2.port, web2.address);
    await once(socket, "connect");
    const said: string[] = [];
    socket.on("data", (bytes) => said.push(bytes.toString()));
    expect((await ssh(web2, ["true"], { patienceS: 1 })).stderr).toContain("timed out");
    expect(said).toEqual([]);
    web2.resume();
    await until("sshd greets", () => said.join("").startsWith("SSH-2.0-"));
    socket.destroy();
    expect((await ssh(web2, ["true"])).code).toBe(0);
  });

  it("freezes: an open session stops, until resumed", async () => {
    const session = ssh(web1, ["while [ ! -e /tmp/go ]; do sleep 0.01; done; echo done"]);
    await until("the session runs", () => web1.pids().length > 4);
    web1.freeze();
    await writeFile(`/proc/${web1.pid}/root/tmp/go`, "");
    const states = web1.pids().map((pid) => readFile(`/proc/${pid}/stat`, "utf8"));
    expect((await Promise.all(states)).map((line) => line.split(") ")[1]?.[0])).not.toContain("S");
    web1.resume();
    expect((await session).stdout).toBe("done\n");
  });

  it("counts connections in sshd's log", async () => {
    const count = async () => (await web3.sshdLog()).split("Accepted publickey for deploy").length;
    const before = await count();
    await ssh(web3, ["true"], { user: "deploy" });
    expect((await count()) - before).toBe(1);
  });

  it("runs Erlang nodes that find each other by host name", async () => {
    const node = (name: string, code: string) => [
      "erl",
      "-noshell",
      "-sname",
      name,
      "-setcookie",
      "lab",
      "-eval",
      code,
    ];
    const first = web1.exec(node("a", "timer:sleep(20000), halt(1)."));
    const pong = "F = fun F() -> case net_adm:ping(a@web1) of pong -> ok; _ -> timer:sleep(20), F() end end, F(), ";
    const call = 'io:format("~p~n", [erpc:call(a@web1, erlang, node, [])]), ';
    const end = "erpc:call(a@web1, timer, apply_after, [20, erlang, halt, [0]]), halt().";
    expect(await web2.exec(node("b", pong + call + end))).toEqual({ code: 0, stdout: "a@web1\n", stderr: "" });
    expect((await first).code).toBe(0);
  });

  it("lets a second lab be up at the same time, on other addresses", async () => {
    const other = await startLab({ hosts: 1 });
    expect(other.hosts[0]?.address).not.toBe(web1.address);
    expect(await readlink(`/proc/${other.hosts[0]?.pid}/ns/net`)).not.toBe(await readlink(`/proc/${web1.pid}/ns/net`));
    await other.stop();
    expect((await ssh(web1, ["true"])).code).toBe(0);
  });
});

describe.skipIf(because !== undefined)(because ?? "the lab with systemd", () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await startLab({ hosts: 2, systemd: true });
  });
  afterAll(() => lab?.stop());

  const systemctl = async (host: Host, ...argv: string[]): Promise<string> =>
    (await host.exec(["systemctl", ...argv])).stdout.trim();

  it("boots systemd as PID 1, with sshd as a service, a journal, and nothing failed", async () => {
    for (const host of lab.hosts) {
      await until(`${host.name} is up`, async () => (await systemctl(host, "is-system-running")) === "running", 30_000);
      expect((await host.exec(["cat", "/proc/1/comm"])).stdout).toBe("systemd\n");
      expect(await systemctl(host, "is-active", "sshd")).toBe("active");
      expect((await host.exec(["journalctl", "-b", "-n", "1", "--no-pager"])).stdout).toContain(host.name);
    }
  });

  it("keeps hosts' services apart", async () => {
    const [one, other] = lab.hosts as [Host, Host];
    await one.exec(["systemd-run", "--unit=nap", "sleep", "1000"]);
    expect(await systemctl(one, "is-active", "nap")).toBe("active");
    expect(await systemctl(other, "is-active", "nap")).toBe("inactive");
    await systemctl(one, "stop", "nap");
  });

  it("gives the deploy user a manager of its own", async () => {
    const [host] = lab.hosts as [Host, Host];
    const asUser = [
      "setpriv",
      "--reuid",
      "1500",
      "--regid",
      "1500",
      "--clear-groups",
      "env",
      "XDG_RUNTIME_DIR=/run/user/1500",
    ];
    await until(
      "it lingers",
      async () => (await host.exec(["test", "-S", "/run/user/1500/systemd/private"])).code === 0,
      30_000,
    );
    const { stdout } = await host.exec([...asUser, "systemctl", "--user", "is-system-running"]);
    expect(stdout).toBe("running\n");
  });

  it("loses power and boots again", async () => {
    const [host] = lab.hosts as [Host, Host];
    await host.kill();
    await host.boot();
    expect((await host.exec(["cat", "/proc/1/comm"])).stdout).toBe("systemd\n");
  });
});
