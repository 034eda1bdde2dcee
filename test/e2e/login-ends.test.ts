// A host where logind ends what a login has started (logind.conf(5), KillUserProcesses=yes).
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { until } from "../lab/command.ts";
import { type Host, whyNoLab } from "../lab/lab.ts";
import { answerOf, counterSpec, fleetFile, openShop, type Shop, shownLog } from "./shop.ts";

const because = whyNoLab();
const APP = "apps/counter/app.yaml";
const ROOT = "/home/deploy/releases";
const LINGERS = "/var/lib/systemd/linger/deploy";

/** With PAM, so that logins are sessions of logind; it kills those of all but root. */
const SETUP = `
mkdir -p /etc/systemd/logind.conf.d
printf '[Login]\\nKillUserProcesses=yes\\n' >/etc/systemd/logind.conf.d/kill.conf
systemctl restart systemd-logind
sed -i 's/UsePAM no/UsePAM yes/' /etc/ssh/sshd_config
systemctl restart sshd`;

describe.skipIf(because !== undefined)(because ?? "on a host that ends what a login has started", () => {
  let shop: Shop;
  let host: Host;
  const script = async (text: string): Promise<string> => (await host.exec(["sh", "-c", text])).stdout.trim();

  beforeAll(async () => {
    shop = await openShop({ hosts: 1, systemd: true });
    host = shop.lab.host("web1");
    shop.repository.push({
      "fleet.yaml": fleetFile(shop.lab.hosts).replace("user: root, root: /opt/releases", `user: deploy, root: ${ROOT}`),
    });
    await script(SETUP);
  });
  afterAll(() => shop.close());

  test("an op outlives the run that is killed in the middle of it, where its user lingers", async () => {
    expect((await shop.push({ [APP]: counterSpec("1.0.0") })).code).toBe(0);
    const job = await shop.startPush({
      [APP]: counterSpec("1.3.0", { health: "{type: http, port: 8080, path: /health, start_timeout: 6000}" }),
    });
    const counting = `cat ${ROOT}/.beamline/ops/*/journal | grep -c '"begin".*-health"'`;
    await until("its health is waited for", async () => (await script(counting)) === "2");
    job.kill("SIGKILL");
    await job.result;
    // Its connection ends as well.
    await script(`pkill -f "^sshd(-session)?: deploy"`);
    await until(
      "no login of its user is left",
      async () => !(await script("loginctl list-sessions")).includes("deploy"),
    );
    await until("the old version serves again", async () => (await answerOf(host, "/version")) === "1.0.0", 30_000);
    await until(
      "the op has ended",
      async () => (await script(`for op in ${ROOT}/.beamline/ops/*; do [ -e $op/ended ] || echo $op; done`)) === "",
      30_000,
    );
    const next = await shop.run({ inputs: { "retry-failed": "false" } });
    expect(shownLog(next)).toContain("held");
    expect(await answerOf(host, "/health")).toBe("ok");
  });

  test("without lingering nothing is begun there, and it is said how to have it", async () => {
    await script(`rm ${LINGERS} && systemctl restart systemd-logind`);
    const started = await script("pgrep -x beam.smp");
    const asked = await shop.push({ [APP]: counterSpec("1.1.0") }, { inputs: { command: "plan" } });
    const { code, log } = await shop.run();
    for (const each of [asked.log, log]) {
      expect(each).toContain("login_ends_all: the host ends whatever deploy has started when its login ends");
      expect(each).toContain("loginctl enable-linger deploy");
    }
    expect(code).toBe(1);
    expect(await script("pgrep -x beam.smp")).toBe(started);
    await script(`touch ${LINGERS} && systemctl restart systemd-logind`);
    const again = await shop.run();
    expect(again.code, again.log).toBe(0);
    expect(await answerOf(host, "/version")).toBe("1.1.0");
  });
});
