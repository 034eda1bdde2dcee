import type { Problem } from "../core/problem.ts";
import { problem } from "../core/problem.ts";
import type { AppFields, AppSpec, HealthCheck, HostSelector, Icon } from "./app-spec.ts";
import { appFields, healthDefaults } from "./app-spec.ts";
import type { SpecDocument } from "./document.ts";
import { parseDocumentText } from "./document.ts";
import type { ErlangTerm, NoTerm } from "./erlang-term.ts";
import { atomOf, termOfValue } from "./erlang-term.ts";
import { unknownFields, valueProblems, withoutRefused } from "./field-problems.ts";
import { unsupportedFields } from "./unsupported.ts";
import { vmConfigOf, vmConfigProblems } from "./vm-config.ts";

/** A spec and the file it came from, so that whatever is said of it later can point at a line. */
export type SourcedSpec = { spec: AppSpec; document: SpecDocument };

export type ParsedApp = { app?: SourcedSpec; problems: Problem[]; warnings: Problem[] };

/** Reads one spec file. Either an app, or problems; warnings in both cases. */
export function parseApp(file: string, text: string): ParsedApp {
  const parsed = parseDocumentText(file, text);
  if ("problems" in parsed) return { problems: parsed.problems, warnings: [] };
  const { document } = parsed;
  const warnings = unknownFields(document, appFields);
  const result = appFields.safeParse(document.value);
  if (!result.success) {
    const { issues } = result.error;
    const rest = withoutRefused(document.value, issues, { name: "app", version: "0" });
    const judged = appFields.safeParse(rest.value);
    const further = judged.success ? meaningProblems(document, judged.data).filter((it) => !rest.isTouched(it)) : [];
    return { problems: [...valueProblems(document, issues), ...further], warnings };
  }
  const problems = meaningProblems(document, result.data);
  if (problems.length > 0) return { problems, warnings };
  return { app: { spec: specOf(document, result.data), document }, problems: [], warnings };
}

/** What is wrong with values that are well-formed, each by itself. */
const meaningProblems = (document: SpecDocument, fields: AppFields): Problem[] => [
  ...unsupportedFields(document, fields),
  ...healthProblems(document, fields),
  ...sourceProblems(document, fields),
  ...envProblems(document, fields),
  ...vmConfigProblems(document, fields),
];

function specOf(document: SpecDocument, fields: AppFields): AppSpec {
  const expand = (text: string): string =>
    text.replaceAll("{name}", fields.name).replaceAll("{version}", fields.version);
  const vmConfig = vmConfigOf(document, fields);
  return {
    name: fields.name,
    version: fields.version,
    ...(fields.description === undefined ? {} : { description: fields.description }),
    ...(fields.icon === undefined ? {} : { icon: iconOf(fields.icon) }),
    source: {
      type: "release",
      url: expand(fields.source?.url ?? ""),
      ...(fields.source?.sha256 === undefined ? {} : { sha256: sha256Of(fields.source.sha256) ?? "" }),
    },
    ...(vmConfig === undefined ? {} : { vm_config: vmConfig }),
    env: Object.fromEntries(envTerms(fields).flatMap(([key, term]) => ("error" in term ? [] : [[key, term]]))),
    os_env: Object.fromEntries(
      Object.entries(fields.os_env ?? {}).map(([name, value]) => [
        name,
        typeof value === "object" && "secret" in value
          ? { secret: value.secret }
          : { value: document.numeral(["os_env", name]) ?? String(value) },
      ]),
    ),
    depends_on: fields.depends_on ?? [],
    health: healthOf(fields),
    strategy: { type: "restart" },
    hosts: selectorOf(fields),
    rollout: { max_failures: fields.rollout?.max_failures ?? 0 },
    retain: fields.retain ?? 3,
  };
}

/** A plain value: what zod calls optional may be there and undefined. */
function iconOf({ type, value, mime_type }: NonNullable<AppFields["icon"]>): Icon {
  return { type, ...(value === undefined ? {} : { value }), ...(mime_type === undefined ? {} : { mime_type }) };
}

function selectorOf({ hosts }: AppFields): HostSelector {
  if (hosts === undefined) return null;
  return Array.isArray(hosts) ? { names: hosts } : { labels: hosts };
}

function healthOf({ health }: AppFields): HealthCheck {
  return {
    type: health?.type === "http" || health?.type === "tcp" ? health.type : "none",
    ...(health?.port === undefined ? {} : { port: health.port }),
    ...(health?.type === "http" ? { path: health.path ?? "/health" } : {}),
    expect: {
      status: health?.expect?.status ?? 200,
      ...(health?.expect?.body === undefined ? {} : { body: health.expect.body }),
    },
    timeout: health?.timeout ?? healthDefaults.timeout,
    interval: health?.interval ?? healthDefaults.interval,
    start_timeout: health?.start_timeout ?? healthDefaults.start_timeout,
    min_healthy_time: health?.min_healthy_time ?? healthDefaults.min_healthy_time,
  };
}

function healthProblems(document: SpecDocument, { health }: AppFields): Problem[] {
  if (health === undefined || health.port !== undefined || !["http", "tcp"].includes(health.type)) return [];
  return [problem("missing_field", document.at(["health"]), { field: "health.port" })];
}

function sourceProblems(document: SpecDocument, { source }: AppFields): Problem[] {
  const problems: Problem[] = [];
  // The other types are refused as a whole.
  if (source?.type !== "release") return [];
  const { url, sha256 } = source;
  const refuse = (field: "url" | "sha256", expected: string, got: string): void => {
    problems.push(
      problem("invalid_value", document.at(["source", field]), { field: `source.${field}`, expected, got }),
    );
  };
  if (url !== undefined && /^(github-release|artifact):/.test(url))
    problems.push(
      problem("not_supported", document.at(["source", "url"]), {
        what: `source.url ${url.split(":")[0]}:`,
        instead: "Use an https: or a file: url.",
      }),
    );
  else if (url !== undefined && !/^(https?|file):/.test(url))
    refuse("url", "an https: or file: url", JSON.stringify(url));
  else if (url !== undefined && /^https?:\/\/[^/?#]*@/.test(url))
    refuse("url", "a url without a password in it", "one with");
  if (url !== undefined && /^https?:/.test(url) && sha256 === undefined)
    problems.push(problem("missing_field", document.at(["source"]), { field: "source.sha256" }));
  if (sha256 !== undefined && sha256Of(sha256) === undefined)
    refuse("sha256", "a sha256 as 64 hex digits or 44 base64 characters", JSON.stringify(sha256));
  return problems;
}

/** A sha256 given in hex or base64, as lower-case hex; undefined where it is neither. */
function sha256Of(text: string): string | undefined {
  if (/^[0-9a-fA-F]{64}$/.test(text)) return text.toLowerCase();
  if (!/^[A-Za-z0-9+/]{43}=$/.test(text)) return undefined;
  return Array.from(atob(text), (byte) => byte.charCodeAt(0).toString(16).padStart(2, "0")).join("");
}

const envTerms = ({ env = {} }: AppFields): [string, ErlangTerm | NoTerm][] =>
  Object.entries(env).map(([key, value]) => {
    const name = atomOf(key, [key]);
    return [key, "error" in name ? name : termOfValue(value, [key])];
  });

const envProblems = (document: SpecDocument, fields: AppFields): Problem[] =>
  envTerms(fields).flatMap(([, term]) => {
    if (!("error" in term)) return [];
    const path = ["env", ...term.path];
    const facts = { field: path.join("."), expected: "a value that Erlang has", got: term.error };
    return [problem("invalid_value", document.at(path), facts)];
  });
