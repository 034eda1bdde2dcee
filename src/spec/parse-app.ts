// From a document to an app's wanted state: what is wrong with it, all at once, or the spec.
import type { Problem } from "../core/problem.ts";
import { problem } from "../core/problem.ts";
import type { AppFields } from "./app-fields.ts";
import { appFields } from "./app-fields.ts";
import type { AppSpec, HostSelector } from "./app-spec.ts";
import { defined } from "./defined.ts";
import type { SpecDocument } from "./document.ts";
import type { ErlangTerm, NoTerm } from "./erlang-term.ts";
import { atomOf, termOfValue } from "./erlang-term.ts";
import { judged, MOST } from "./field-problems.ts";
import { healthOf, healthProblems } from "./health.ts";
import { sourceOf, sourceProblems } from "./source.ts";
import { rolloutOf, strategyOf } from "./strategy.ts";
import { expanded } from "./variables.ts";
import { vmConfigOf, vmConfigProblems } from "./vm-config.ts";

/** A spec and the file it came from, so that whatever is said of it later can point at a line. */
export type SourcedSpec = { spec: AppSpec; document: SpecDocument };

/** What could be read of a spec that has mistakes, for what else is wrong with it; `isTouched`: a problem is only about these. */
export type Draft = SourcedSpec & { isTouched: (of: Problem) => boolean };

export type ParsedApp = { app?: SourcedSpec; draft?: Draft; problems: Problem[]; warnings: Problem[] };

/** Reads one app's document for an environment. Either an app, or problems; warnings in both cases. */
export function appOf(document: SpecDocument, environment: string): ParsedApp {
  const { fields, rest, problems, warnings } = judged(document, appFields, { name: "app", version: "0" }, (read) =>
    meaningProblems(document, read),
  );
  if (fields === null) {
    const draft = rest && { spec: specOf(document, rest.fields, environment), document, isTouched: rest.isTouched };
    return { ...(draft && { draft }), problems, warnings };
  }
  return { app: { spec: specOf(document, fields, environment), document }, problems: [], warnings };
}

/** What is wrong with values that are well-formed, each by itself. */
const meaningProblems = (document: SpecDocument, fields: AppFields): Problem[] =>
  [sourceProblems, meshProblems, healthProblems, envProblems, osEnvProblems, vmConfigProblems, embeddedProblems]
    .flatMap((problemsOf) => problemsOf(document, fields))
    .slice(0, MOST);

/** The one source type of bc_gitops that Beamline will not have. */
function meshProblems(document: SpecDocument, { source }: AppFields): Problem[] {
  if (source?.type !== "mesh") return [];
  const instead = "Beamline has no mesh; publish the release and use source.type release.";
  return [problem("unsupported_source", document.at(["source", "type"]), { type: "mesh", instead })];
}

/** What only a VM of its own could have. Where nobody asked for one, what bc_gitops ignores is no mistake yet. */
function embeddedProblems(document: SpecDocument, { isolation, os_env, vm_config }: AppFields): Problem[] {
  if (isolation !== "embedded") return [];
  return Object.entries({ os_env, vm_config }).flatMap(([field, value]) => {
    if (value === undefined || Object.keys(value).length === 0) return [];
    const facts = { field, expected: "left out with isolation: embedded, the VM is another's", got: "some" };
    return [problem("invalid_value", document.at([field]), facts)];
  });
}

function specOf(document: SpecDocument, fields: AppFields, environment: string): AppSpec {
  const { name, version, description, icon } = fields;
  const source = sourceOf(fields, environment);
  return {
    name,
    version,
    ...defined({
      description,
      icon: icon && { type: icon.type, ...defined({ value: icon.value, mime_type: icon.mime_type }) },
    }),
    source,
    isolation: fields.isolation ?? (source.type === "release" ? "vm" : "embedded"),
    ...defined({ vm_config: vmConfigOf(document, fields) }),
    env: Object.fromEntries(envTerms(fields).flatMap(([key, term]) => ("error" in term ? [] : [[key, term]]))),
    os_env: Object.fromEntries(
      Object.entries(fields.os_env ?? {}).map(([key, value]) => {
        if (value !== null && typeof value === "object" && "secret" in value) return [key, { secret: value.secret }];
        const written = document.numeral(["os_env", key]) ?? String(value);
        return [key, { value: expanded(written, { name, version, environment }) }];
      }),
    ),
    depends_on: fields.depends_on ?? [],
    health: healthOf(fields),
    strategy: strategyOf(fields),
    hosts: selectorOf(fields),
    rollout: rolloutOf(fields),
    retain: fields.retain ?? 3,
  };
}

function selectorOf({ hosts }: AppFields): HostSelector {
  if (hosts === undefined) return null;
  return Array.isArray(hosts) ? { names: hosts } : { labels: hosts };
}

const envTerms = ({ env = {} }: AppFields): [string, ErlangTerm | NoTerm][] =>
  Object.entries(env).map(([key, value]) => {
    const name = atomOf(key, [key]);
    return [key, "error" in name ? name : termOfValue(value, [key])];
  });

/** What Linux gives a process of one variable, its name, = and the NUL at its end among it (execve(2), MAX_ARG_STRLEN). */
const LONGEST_VARIABLE = 131_072;

function osEnvProblems(document: SpecDocument, { os_env = {} }: AppFields): Problem[] {
  return Object.entries(os_env).flatMap(([name, value]) => {
    if (typeof value !== "string") return [];
    const bytes = new TextEncoder().encode(`${name}=${value}`).length + 1;
    if (bytes <= LONGEST_VARIABLE) return [];
    const path = ["os_env", name];
    const expected = `at most ${LONGEST_VARIABLE} bytes with its name, which is what a process can be given`;
    const facts = { field: path.join("."), expected, got: `${bytes} bytes` };
    return [problem("invalid_value", document.at(path), facts)];
  });
}

const envProblems = (document: SpecDocument, fields: AppFields): Problem[] =>
  envTerms(fields).flatMap(([, term]) => {
    if (!("error" in term)) return [];
    const path = ["env", ...term.path];
    const facts = { field: path.join("."), expected: "a value that Erlang has", got: term.error };
    return [problem("invalid_value", document.at(path), facts)];
  });
