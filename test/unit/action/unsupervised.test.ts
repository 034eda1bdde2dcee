import { expect, test } from "vitest";
import { unsupervised } from "../../../src/action/unsupervised.ts";
import { sentenceOf } from "../../../src/core/problem.ts";
import type { Host } from "../../../src/spec/host.ts";
import { item, planOf } from "../report/results.ts";

const host = (name: string, more: Partial<Host> = {}): Host => ({
  ...{ name, address: name, port: 22, user: "deploy", root: "/opt/releases", labels: {} },
  ...more,
});
const seen = (name: string, supervisor: "daemon" | "user") => ({ host: name, machineId: null, supervisor, apps: [] });

test("where nobody starts apps again is warned of, once, unless the fleet file says that it is meant", () => {
  const hosts = [host("web1"), host("web2"), host("web3", { supervisor: "daemon" }), host("web4"), host("idle")];
  const observed = hosts.map(({ name }) => seen(name, name === "web4" ? "user" : "daemon"));
  const plan = planOf(...["web1", "web2", "web3", "web4"].map((name) => item({ host: name })));
  expect(unsupervised(plan, observed, hosts).map(sentenceOf)).toEqual([
    "web1 nothing starts apps again after a crash or a reboot on web1, web2: systemd does not run there, or not for deploy when nobody is logged in",
  ]);
});
