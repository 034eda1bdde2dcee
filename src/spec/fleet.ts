// fleet.yaml: hosts, labels, connection, defaults, environments (DESIGN §4).
import { z } from "zod";
import { didYouMean } from "../core/did-you-mean.ts";
import type { Problem } from "../core/problem.ts";
import { problem } from "../core/problem.ts";
import { proxyFields, whole } from "./app-fields.ts";
import type { HostSelector, ReverseProxy } from "./app-spec.ts";
import type { SpecDocument } from "./document.ts";
import { judged } from "./field-problems.ts";
import { fileText } from "./file-text.ts";
import { addressOf, type Host } from "./host.ts";
import { selects, unknownHosts } from "./host-selection.ts";
import { parseYaml } from "./yaml-document.ts";

/** The hosts of one environment, in the order of the file. */
export type Fleet = {
  document: SpecDocument;
  environment: string;
  url?: string;
  hosts: readonly Host[];
  /** Names of all environments in the file; null where it has none. */
  environments: readonly string[] | null;
  proxies: Readonly<Record<string, ReverseProxy>>;
};

const DEFAULT_USER = "deploy";

const connection = {
  user: z
    .string()
    .regex(/^[a-z_][a-z0-9_-]{0,31}$/, "a user name such as deploy")
    .optional(),
  port: whole(1, 65535).optional(),
  root: z
    .string()
    .regex(/^(\/[A-Za-z0-9_][A-Za-z0-9_.-]*)+$/, "an absolute path of plain letters, such as /opt/releases")
    .optional(),
  supervisor: z.enum(["systemd", "daemon"]).optional(),
  run_as: z
    .string()
    .regex(
      /^([a-z_]|\{name\})([a-z0-9_-]|\{name\}){0,31}$/,
      "a user name such as shop, or with {name} for the app's own",
    )
    .optional(),
};

/** The fields of the fleet file as they stand there. */
export const fleetFields = z.object({
  defaults: z.object(connection).optional(),
  hosts: z.record(
    z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/, "a host name such as web1"),
    z.object({
      ...connection,
      address: z
        .string()
        .regex(/^[A-Za-z0-9_:][A-Za-z0-9_.:-]*$/, "a host name or an IP address")
        .optional(),
      labels: z.record(z.string(), z.string()).optional(),
      host_key: z
        .string()
        .regex(/^(ssh|ecdsa|sk)-[a-z0-9@.-]+ [A-Za-z0-9+/]+=*( .*)?$/, "a public key such as ssh-ed25519 AAAA…")
        .optional(),
      node: z
        .string()
        .regex(/^[A-Za-z0-9_-]+(@[A-Za-z0-9_.:-]+)?$/, "a node's name such as shop or shop@web1")
        .optional()
        .describe("The node on this host that embedded apps go into, as its -sname or -name has it."),
    }),
  ),
  environments: z
    .record(
      z.string(),
      z.object({
        hosts: z.union([z.array(z.string()).min(1), z.record(z.string(), z.string())]).optional(),
        url: z.url({ protocol: /^https?$/, error: "an http(s) url" }).optional(),
      }),
    )
    .optional(),
  proxies: z.record(z.string(), proxyFields).optional().describe("What switches traffic, by name."),
});

export type ParsedFleet = { fleet?: Fleet; problems: Problem[]; warnings: Problem[] };

/** The fleet file's bytes, as parseFleet reads their text; null where it was too large to be read. */
export function readFleet(file: string, bytes: Uint8Array | null, environment: string): ParsedFleet {
  const read = fileText(file, bytes);
  return "problems" in read ? { problems: read.problems, warnings: [] } : parseFleet(file, read.text, environment);
}

/** Reads the fleet file, and keeps the hosts of one environment; without environments in the file, all hosts are its hosts. */
export function parseFleet(file: string, text: string, environment: string): ParsedFleet {
  const parsed = parseYaml(file, text);
  if ("problems" in parsed) return { problems: parsed.problems, warnings: [] };
  const { document } = parsed;
  const { fields, problems, warnings } = judged(document, fleetFields, {}, (read) =>
    meaningProblems(document, read, environment),
  );
  if (fields === null) return { problems, warnings };
  const chosen = environmentOf(fields, environment);
  const hosts = hostsOf(fields).filter((host) => selects(selectorOf(chosen), host));
  const url = chosen?.url === undefined ? {} : { url: chosen.url };
  const environments = fields.environments === undefined ? null : Object.keys(fields.environments);
  return {
    fleet: { document, environment, ...url, hosts, environments, proxies: fields.proxies ?? {} },
    problems: [],
    warnings,
  };
}

type FleetFields = z.infer<typeof fleetFields>;
type EnvironmentFields = NonNullable<FleetFields["environments"]>[string];

const hostsOf = ({ defaults = {}, hosts }: FleetFields): Host[] =>
  Object.entries(hosts).map(([name, entry]): Host => {
    const at = { ...defaults, ...entry };
    const user = at.user ?? DEFAULT_USER;
    return {
      name,
      address: entry.address ?? name,
      port: at.port ?? 22,
      user,
      root: at.root ?? "/opt/releases",
      ...(at.supervisor === undefined ? {} : { supervisor: at.supervisor }),
      ...(at.run_as === undefined || at.run_as === user ? {} : { runAs: at.run_as }),
      ...(entry.node === undefined ? {} : { node: entry.node }),
      labels: entry.labels ?? {},
      ...(entry.host_key === undefined ? {} : { hostKey: entry.host_key.split(" ").slice(0, 2).join(" ") }),
    };
  });

const environmentOf = ({ environments = {} }: FleetFields, environment: string): EnvironmentFields | undefined =>
  Object.hasOwn(environments, environment) ? environments[environment] : undefined;

function selectorOf(chosen: EnvironmentFields | undefined): HostSelector {
  if (chosen?.hosts === undefined) return null;
  return Array.isArray(chosen.hosts) ? { names: chosen.hosts } : { labels: chosen.hosts };
}

/** What is wrong with values that are well-formed, each by itself. */
const meaningProblems = (document: SpecDocument, fields: FleetFields, environment: string): Problem[] => [
  ...addressProblems(document, fields),
  ...duplicateHosts(document, hostsOf(fields)),
  ...runAsProblems(document, fields),
  ...environmentProblems(document, fields, environment),
];

/** An address with a port in it, which would be looked up as a name; one of IPv6 has more colons than that. */
const addressProblems = (document: SpecDocument, { hosts }: FleetFields): Problem[] =>
  Object.entries(hosts).flatMap(([name, { address = name }]) => {
    const [, bare, port] = /^([^:]+):(\d+)$/.exec(address) ?? [];
    if (bare === undefined || port === undefined) return [];
    const path = ["hosts", name, "address"];
    const facts = { field: path.join("."), expected: `${bare}, with port: ${port} beside it`, got: address };
    return [problem("invalid_value", document.at(path), facts)];
  });

/** Only root starts processes as somebody else. Said where the two come together: at the host, or once at the defaults. */
function runAsProblems(document: SpecDocument, { defaults = {}, hosts }: FleetFields): Problem[] {
  const found = new Map<string, Problem>();
  for (const [name, entry] of Object.entries(hosts)) {
    const { user = DEFAULT_USER, run_as } = { ...defaults, ...entry };
    if (run_as === undefined || run_as === user || user === "root") continue;
    const [path, expected, got] =
      entry.user !== undefined && entry.run_as === undefined
        ? [["hosts", name, "user"], `root, since run_as is ${run_as}`, user]
        : [
            [...(entry.run_as === undefined ? ["defaults"] : ["hosts", name]), "run_as"],
            `absent, since user is ${user}`,
            run_as,
          ];
    const field = path.join(".");
    found.set(field, problem("invalid_value", document.at(path), { field, expected, got: JSON.stringify(got) }));
  }
  return [...found.values()];
}

function environmentProblems(document: SpecDocument, fields: FleetFields, environment: string): Problem[] {
  const { environments } = fields;
  if (environments === undefined) return [];
  const chosen = environmentOf(fields, environment);
  if (chosen === undefined) {
    const known = Object.keys(environments);
    const suggestion = didYouMean(environment, known);
    const listed = known.length === 0 ? "no environment at all" : `one of ${known.join(", ")}`;
    const expected = `${listed} (environments in ${document.file})${suggestion ? `; did you mean ${suggestion}?` : ""}`;
    const facts = { input: "environment", expected, got: JSON.stringify(environment) };
    return [problem("invalid_input", { in: "input", name: "environment" }, facts)];
  }
  const path = ["environments", environment, "hosts"];
  const selector = selectorOf(chosen);
  const hosts = hostsOf(fields);
  if (selector !== null && "names" in selector) return unknownHosts(document, path, selector.names, hosts);
  if (hosts.some((host) => selects(selector, host))) return [];
  const facts = { field: path.join("."), expected: "labels that a host has", got: "labels of no host" };
  return [problem("invalid_value", document.at(path), facts)];
}

/** One machine may have several roots, each an entry; what lies in a root, and a node, belongs to one. */
function duplicateHosts(document: SpecDocument, hosts: readonly Host[]): Problem[] {
  const seen = new Map<string, string>();
  return hosts.flatMap((host) => {
    const address = addressOf(host);
    const own = [`root ${host.root}`, ...(host.node === undefined ? [] : [`node ${host.node}`])];
    const taken = own.find((what) => seen.has(`${address} ${what}`));
    const other = seen.get(`${address} ${taken}`);
    for (const what of own) if (!seen.has(`${address} ${what}`)) seen.set(`${address} ${what}`, host.name);
    if (taken === undefined || other === undefined) return [];
    const facts = { host: host.name, other, address, what: taken };
    return [problem("duplicate_host", document.atKey(["hosts", host.name]), facts)];
  });
}
