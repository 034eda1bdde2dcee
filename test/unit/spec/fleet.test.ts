import { describe, expect, test } from "vitest";
import { type Fleet, parseFleet } from "../../../src/spec/fleet.ts";
import { told } from "./reading.ts";

const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0uOlTlbLd4FAoIUF+jJQ5r/VnfPRDSwpDVTxJzZkq1";

function fleetOf(text: string, environment = "production"): Fleet {
  const { fleet, problems, warnings } = parseFleet("fleet.yaml", text, environment);
  if (fleet === undefined || problems.length + warnings.length > 0)
    throw new Error([...told(problems), ...told(warnings)].join("\n"));
  return fleet;
}

function refusalOf(text: string, environment = "production"): string[] {
  const { fleet, problems } = parseFleet("fleet.yaml", text, environment);
  if (fleet !== undefined) throw new Error(`this was taken: ${text}`);
  return told(problems);
}

const namesIn = (text: string, environment?: string): string[] =>
  fleetOf(text, environment).hosts.map(({ name }) => name);

describe("a host", () => {
  test("that is only named gets every default", () => {
    expect(fleetOf("hosts: {web1.example.org: {}}\n").hosts).toStrictEqual([
      {
        name: "web1.example.org",
        address: "web1.example.org",
        port: 22,
        user: "deploy",
        root: "/opt/releases",
        labels: {},
      },
    ]);
  });

  test("takes what it does not say itself from the file's defaults", () => {
    const text = `defaults: {user: ops, port: 2222, root: /srv/apps, supervisor: daemon}
hosts:
  web1: {address: 192.0.2.11}
  web2: {address: "2001:db8::1", user: root, port: 22, root: /opt/x, labels: {role: web}, host_key: "${KEY}", node: shop@web2}
`;
    expect(fleetOf(text).hosts).toStrictEqual([
      {
        name: "web1",
        address: "192.0.2.11",
        port: 2222,
        user: "ops",
        root: "/srv/apps",
        supervisor: "daemon",
        labels: {},
      },
      {
        name: "web2",
        address: "2001:db8::1",
        port: 22,
        user: "root",
        root: "/opt/x",
        supervisor: "daemon",
        node: "shop@web2",
        labels: { role: "web" },
        hostKey: KEY,
      },
    ]);
  });

  test("has the key that was pasted, without its comment", () => {
    const keyOf = (written: string) => fleetOf(`hosts: {web1: {host_key: "${written}"}}\n`).hosts[0]?.hostKey;
    expect(keyOf(`${KEY} root@web1, reinstalled 2026`)).toBe(KEY);
    expect(keyOf("ecdsa-sha2-nistp256 AAAA==")).toBe("ecdsa-sha2-nistp256 AAAA==");
    expect(keyOf("sk-ssh-ed25519@openssh.com AAAA")).toBe("sk-ssh-ed25519@openssh.com AAAA");
  });

  const SSH_KEY = "a public key such as ssh-ed25519 AAAA…";
  const ROOT = "an absolute path of plain letters, such as /opt/releases";
  test.each<[string, string, string, string]>([
    ["address", "«-oProxyCommand=x", "a host name or an IP address", '"-oProxyCommand=x"'],
    ["address", "«user@web1", "a host name or an IP address", '"user@web1"'],
    ["address", "«''", "a host name or an IP address", '""'],
    ["port", "«0", "1..65535", "the number 0"],
    ["port", "«ssh", "a whole number, 1..65535", '"ssh"'],
    ["user", "«'a b'", "a user name such as deploy", '"a b"'],
    ["user", "«-x", "a user name such as deploy", '"-x"'],
    ["root", "«opt/releases", ROOT, '"opt/releases"'],
    ["root", "«/", ROOT, '"/"'],
    ["root", "«/opt/../etc", ROOT, '"/opt/../etc"'],
    ["root", "«/opt/my apps", ROOT, '"/opt/my apps"'],
    ["root", "«'/opt/$HOME'", ROOT, '"/opt/$HOME"'],
    ["host_key", "«AAAAC3Nz", SSH_KEY, '"AAAAC3Nz"'],
    ["host_key", "«SHA256:abc", SSH_KEY, '"SHA256:abc"'],
    ["host_key", "«web1 ssh-ed25519 AAAA", SSH_KEY, '"web1 ssh-ed25519 AAAA"'],
    ["host_key", '«"ssh-ed25519 AAAA\\nssh-rsa BBBB"', SSH_KEY, '"ssh-ed25519 AAAA\\nssh-rsa BBBB"'],
    ["labels", "«web", "a map", '"web"'],
    ["labels.tier", "{tier: «1}", "text", "the number 1"],
    ["supervisor", "«runit", "one of systemd, daemon", '"runit"'],
    ["node", "«1", "text", "the number 1"],
  ])("with %s: %s is refused: it must be %s, got %s", (path, marked, expected, got) => {
    const field = path.split(".")[0] ?? "";
    const text = `hosts:\n  web1:\n    ${field}: ${marked.replace("«", "")}\n`;
    expect(refusalOf(text)).toEqual([
      `invalid_value fleet.yaml:3:${field.length + 7 + marked.indexOf("«")} hosts.web1.${path} must be ${expected}, got ${got}`,
    ]);
  });

  test.each(["we b", "-x", "a/b", "*", ""])("can't be named %j", (name) => {
    const [refusal, ...more] = refusalOf(`hosts:\n  web1: {}\n  ${JSON.stringify(name)}: {}\n`);
    expect(refusal).toBe(
      `invalid_value fleet.yaml:3:3 a name in hosts must be a host name such as web1, got ${JSON.stringify(name)}`,
    );
    expect(more).toEqual([]);
  });

  test("has its port beside its address, not in it", () => {
    expect(refusalOf("hosts:\n  web1: {address: 192.0.2.11:2222}\n")).toEqual([
      "invalid_value fleet.yaml:2:19 hosts.web1.address must be 192.0.2.11, with port: 2222 beside it, got 192.0.2.11:2222",
    ]);
    expect(fleetOf('hosts: {web1: {address: "2001:db8::22"}}\n').hosts[0]?.address).toBe("2001:db8::22");
  });

  test("may be another root of a machine, and has no node with it in common", () => {
    const two = (more: string) => `hosts:
  live: {address: 192.0.2.11, node: shop}
  staging: {address: 192.0.2.11, root: /srv/staging${more}}
`;
    expect(fleetOf(two("")).hosts.map(({ root }) => root)).toEqual(["/opt/releases", "/srv/staging"]);
    expect(refusalOf(two(", node: shop"))).toEqual([
      "duplicate_host fleet.yaml:3:3 hosts staging and live are both 192.0.2.11:22 with node shop",
    ]);
  });

  test("that shares address, port and root with another is refused at its name, with the other's", () => {
    const text = `hosts:
  web1: {address: 192.0.2.11}
  web2: {address: 192.0.2.11, port: 2222}
  web3: {address: 192.0.2.11}
  192.0.2.11: {port: 2222}
`;
    expect(refusalOf(text)).toEqual([
      "duplicate_host fleet.yaml:4:3 hosts web3 and web1 are both 192.0.2.11:22 with root /opt/releases",
      "duplicate_host fleet.yaml:5:3 hosts 192.0.2.11 and web2 are both 192.0.2.11:2222 with root /opt/releases",
    ]);
  });
});

test("a host's supervisor is its own, or the defaults', or the best that it will turn out to have", () => {
  const fleet = fleetOf("defaults: {supervisor: systemd}\nhosts: {web1: {}, web2: {supervisor: daemon}}\n");
  expect(fleet.hosts.map(({ supervisor }) => supervisor)).toEqual(["systemd", "daemon"]);
  expect(fleetOf("hosts: {web1: {}}\n").hosts[0]).not.toHaveProperty("supervisor");
});

describe("the user that apps run as", () => {
  const runAs = (text: string): (string | undefined)[] => fleetOf(text).hosts.map((host) => host.runAs);

  test("is the host's own, or the defaults', or whoever Beamline logs in as", () => {
    const fleet =
      "defaults: {user: root, run_as: shop}\nhosts: {web1: {}, web2: {run_as: 'app-{name}'}, web3: {run_as: root}}\n";
    expect(runAs(fleet)).toEqual(["shop", "app-{name}", undefined]);
    expect(runAs("hosts: {web1: {run_as: deploy}}\n")).toEqual([undefined]);
    expect(fleetOf("hosts: {web1: {}}\n").hosts[0]).not.toHaveProperty("runAs");
  });

  test.each(["shop", "root"])("is refused where only root could become it: %s", (user) => {
    expect(refusalOf(`hosts:\n  web1: {run_as: ${user}}\n`)).toEqual([
      `invalid_value fleet.yaml:2:18 hosts.web1.run_as must be absent, since user is deploy, got "${user}"`,
    ]);
  });

  test("is refused once, where the defaults say both", () => {
    expect(refusalOf("defaults: {run_as: shop}\nhosts: {web1: {}, web2: {}}\n")).toEqual([
      'invalid_value fleet.yaml:1:20 defaults.run_as must be absent, since user is deploy, got "shop"',
    ]);
  });

  test("is refused at the host whose user is not root, where only the defaults name it", () => {
    expect(refusalOf("defaults: {user: root, run_as: shop}\nhosts: {web1: {}, web2: {user: ops}}\n")).toEqual([
      'invalid_value fleet.yaml:2:32 hosts.web2.user must be root, since run_as is shop, got "ops"',
    ]);
  });

  test.each(["A", "-x", "a b", "{app}", "x{name", ""])("can't be named %j", (name) => {
    const [said] = refusalOf(`defaults: {user: root, run_as: ${JSON.stringify(name)}}\nhosts: {web1: {}}\n`);
    expect(said).toContain("defaults.run_as must be a user name such as shop, or with {name} for the app's own");
  });
});

describe("an environment", () => {
  const HOSTS = `hosts:
  web1: {labels: {role: web, env: production}}
  db1: {labels: {role: db, env: production}}
  web2: {labels: {role: web, env: staging}}
`;

  test.each([
    ["every host, where the file has no environments", "", ["web1", "db1", "web2"]],
    ["every host, where it names none", "environments: {production: {}}\n", ["web1", "db1", "web2"]],
    ["hosts with a label", "environments: {production: {hosts: {env: production}}}\n", ["web1", "db1"]],
    ["hosts with all of its labels", "environments: {production: {hosts: {env: production, role: web}}}\n", ["web1"]],
    ["named hosts, in the file's order", "environments: {production: {hosts: [web2, web1]}}\n", ["web1", "web2"]],
  ])("has %s", (_, environments, names) => {
    expect(namesIn(HOSTS + environments)).toEqual(names);
  });

  test.each([
    ["constructor", "environments: {production: {}}\n", "one of production (environments in fleet.yaml)"],
    ["prod", "environments: {}\n", "no environment at all (environments in fleet.yaml)"],
  ])("is none that the file does not have: %s", (environment, environments, expected) => {
    expect(refusalOf(HOSTS + environments, environment)).toEqual([
      `invalid_input input environment input environment must be ${expected}, got "${environment}"`,
    ]);
  });

  test.each([
    [
      "{env: test}",
      "invalid_value fleet.yaml:5:36 environments.production.hosts must be labels that a host has, got labels of no host",
    ],
    ["[web1, web9]", "unknown_host fleet.yaml:5:43 no host of this environment is named web9; did you mean web1?"],
  ])("can't have hosts that there are none of: %s", (hosts, sentence) => {
    expect(refusalOf(`${HOSTS}environments: {production: {hosts: ${hosts}}}\n`)).toEqual([sentence]);
  });

  test("is judged though another part of the file is wrong", () => {
    const said = refusalOf(`hosts: {web1: {port: 0}, web2: {address: web1}}\nenvironments: {staging: {}}\n`);
    expect(said).toHaveLength(3);
  });

  test("is the one that was asked for", () => {
    const text = `${HOSTS}environments: {production: {hosts: {env: production}}, staging: {hosts: {env: staging}}}\n`;
    expect(namesIn(text, "staging")).toEqual(["web2"]);
    expect(fleetOf(text, "staging").environment).toBe("staging");
  });

  test("may have a url, for links on GitHub", () => {
    const url = "https://shop.example.org";
    expect(fleetOf(`${HOSTS}environments: {production: {url: "${url}"}}\n`).url).toBe(url);
    expect(fleetOf(HOSTS)).not.toHaveProperty("url");
    expect(refusalOf(`${HOSTS}environments: {production: {url: "javascript:alert(1)"}}\n`)).toEqual([
      'invalid_value fleet.yaml:5:34 environments.production.url must be an http(s) url, got "javascript:alert(1)"',
    ]);
  });

  test("that the file does not know is refused, with those it knows and the one that was probably meant", () => {
    const text = `${HOSTS}environments: {production: {}, staging: {}}\n`;
    const sentence = (got: string, suggestion: string): string =>
      `invalid_input input environment input environment must be one of production, staging (environments in fleet.yaml)${suggestion}, got "${got}"`;
    expect(refusalOf(text, "prodution")).toEqual([sentence("prodution", "; did you mean production?")]);
    expect(refusalOf(text, "test")).toEqual([sentence("test", "")]);
  });

  test("that is unknown does not hide what is wrong with hosts", () => {
    const text = "hosts: {web1: {}, web2: {address: web1}}\nenvironments: {production: {}}\n";
    expect(refusalOf(text, "test").map((it) => it.split(" ")[0])).toEqual(["duplicate_host", "invalid_input"]);
  });
});

describe("a fleet file", () => {
  test.each([
    ["that is empty", "", "invalid_value fleet.yaml:1:1 the file must be a map, got null"],
    ["without hosts", "defaults: {user: ops}\n", "missing_field fleet.yaml:1:1 hosts is missing"],
    ["with hosts as a list", "hosts: [web1]\n", 'invalid_value fleet.yaml:1:8 hosts must be a map, got ["web1"]'],
    [
      "with a host that is no map",
      "hosts:\n  web1:\n",
      "invalid_value fleet.yaml:2:8 hosts.web1 must be a map, got null",
    ],
    ["with bad syntax", "hosts: {web1: {}}\nhosts: {}\n", 'invalid_syntax fleet.yaml:2:1 "hosts" is there twice'],
    [
      "with an environment without hosts in its list",
      "hosts: {}\nenvironments: {production: {hosts: []}}\n",
      "invalid_value fleet.yaml:2:36 environments.production.hosts must be not empty, got []",
    ],
  ])("%s is refused", (_, text, sentence) => {
    expect(refusalOf(text)).toEqual([sentence]);
  });

  test("is told all of its mistakes", () => {
    const text = "defaults: {port: 0}\nhosts:\n  web1: {user: A, labels: {a: 1}}\n  web2: {root: x}\n";
    expect(
      refusalOf(text)
        .map((it) => it.split(" ")[1])
        .sort(),
    ).toEqual(["fleet.yaml:1:18", "fleet.yaml:3:16", "fleet.yaml:3:31", "fleet.yaml:4:16"]);
  });

  test("is warned of unknown fields, and refused for misspelt ones: hots may mean all hosts", () => {
    const text = "defaults: {usr: ops}\nhosts: {}\nhost: x\nlicense: MIT\n";
    const { fleet, problems, warnings } = parseFleet("fleet.yaml", text, "production");
    expect(fleet).toBeUndefined();
    expect(told(warnings)).toEqual([
      "unknown_field fleet.yaml:4:1 license is not a field Beamline knows, it has no effect",
    ]);
    expect(told(problems)).toEqual([
      "unknown_field fleet.yaml:1:12 defaults.usr is not a field Beamline knows; did you mean user?",
      "unknown_field fleet.yaml:3:1 host is not a field Beamline knows; did you mean hosts?",
    ]);
  });

  test("keeps places, so that what is said of a host later can point at it", () => {
    const { document } = fleetOf("hosts:\n  web1: {}\n");
    expect(document.atKey(["hosts", "web1"])).toMatchObject({ file: "fleet.yaml", line: 2, column: 3 });
  });
});

test.each([
  [
    "hosts: {web1: {adress: x}}",
    "unknown_field fleet.yaml:1:16 hosts.web1.adress is not a field Beamline knows; did you mean address?",
  ],
  [
    "hosts: {web1: {}}\nenvironments: {production: {host: [web1]}}",
    "unknown_field fleet.yaml:2:29 environments.production.host is not a field Beamline knows; did you mean hosts?",
  ],
])("a misspelt field within an entry is refused: %s", (text, sentence) => {
  expect(told(parseFleet("fleet.yaml", text, "production").problems)).toEqual([sentence]);
});
