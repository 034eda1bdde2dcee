// GitHub's own description, cut by scripts/cut-openapi.mjs: which routes there are, and what may be said on them.
// A validator is compiled when its operation is first called: all of them cost 350 ms, a test needs three.
import { readFileSync } from "node:fs";
import { Ajv, type ValidateFunction } from "ajv";
import addFormats from "ajv-formats";

/** A JSON schema as the description writes it; only the keywords that the double reads by itself. */
export type Schema = {
  $ref?: string;
  type?: string;
  format?: string;
  nullable?: boolean;
  enum?: unknown[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  oneOf?: Schema[];
  anyOf?: Schema[];
  allOf?: Schema[];
};

type Parameter = {
  name: string;
  in: "path" | "query";
  required?: boolean;
  schema: Schema;
  "x-multi-segment"?: boolean;
};
type Content = { content?: { "application/json"?: { schema: Schema } } };
type Described = {
  operationId: string;
  parameters?: (Parameter | { $ref: string })[];
  requestBody?: Content & { required?: boolean };
  responses: Record<string, Content | { $ref: string }>;
};
type Description = {
  paths: Record<string, Record<string, Described>>;
  components: { schemas: Record<string, Schema> };
};

/** One operation of the description, with the validators of everything that goes in and comes out. */
export type Operation = {
  id: string;
  method: string;
  pattern: RegExp;
  bodySchema: Schema | undefined;
  /** What is wrong with a request; the query and the path arrive as strings. */
  requestProblems(path: Record<string, string>, query: Record<string, string>, body: unknown): string[];
  /** What is wrong with an answer of ours. */
  answerProblems(status: number, body: unknown): string[];
};

const description = JSON.parse(readFileSync(new URL("./openapi.json", import.meta.url), "utf8")) as Description;

const options = { strict: false, allErrors: true, validateSchema: false };
const bodies = new Ajv(options);
const strings = new Ajv({ ...options, coerceTypes: true });
for (const ajv of [bodies, strings]) {
  addFormats.default(ajv);
  ajv.addSchema({ $id: "github", ...description });
}

/** Follows a $ref into the description; hands anything else back. */
export function resolved<T extends object>(part: T | { $ref: string }): T {
  if (!("$ref" in part) || typeof part.$ref !== "string") return part as T;
  const names = part.$ref.slice(2).split("/");
  const found = names.reduce<unknown>((at, name) => (at as Record<string, unknown>)[name], description);
  return resolved(found as T | { $ref: string });
}

/** A schema of the description by its name. */
export function schemaNamed(name: string): Schema {
  const schema = description.components.schemas[name];
  if (schema === undefined) throw new Error(`the cut description has no schema ${name}`);
  return schema;
}

const operations: Operation[] = Object.entries(description.paths)
  .flatMap(([path, methods]) => Object.entries(methods).map(([method, said]) => operation(path, method, said)))
  // Of two that match, the longer pattern knows more: commits/{ref}/check-runs goes before commits/{ref}.
  .sort((a, b) => b.pattern.source.length - a.pattern.source.length);

/** The operation a request addresses, with its path parameters; undefined when the cut has none. */
export function routeOf(
  method: string,
  path: string,
): { operation: Operation; parameters: Record<string, string> } | undefined {
  for (const candidate of operations) {
    const match = candidate.method === method ? candidate.pattern.exec(path) : null;
    if (match === null) continue;
    const groups = Object.entries(match.groups ?? {});
    return { operation: candidate, parameters: Object.fromEntries(groups.map(([k, v]) => [k, decodeURIComponent(v)])) };
  }
  return undefined;
}

function operation(path: string, method: string, said: Described): Operation {
  const parameters = (said.parameters ?? []).map((parameter) => resolved(parameter));
  const isLong = (name: string) => parameters.some((one) => one.name === name && one["x-multi-segment"] === true);
  const pattern = path.replace(/\{(\w+)\}/g, (_, name: string) => `(?<${name}>${isLong(name) ? ".+" : "[^/]+"})`);
  const bodySchema = said.requestBody?.content?.["application/json"]?.schema;
  const at = (...names: string[]) => ({ $ref: `github#/${["paths", path, method, ...names].map(escaped).join("/")}` });

  const validatorOf = remembered((key: string): ValidateFunction | undefined => {
    if (key === "path" || key === "query") return strings.compile(parametersSchema(parameters, key));
    if (key === "body") return bodySchema && bodies.compile(at("requestBody", "content", "application/json", "schema"));
    const answer = said.responses[key];
    if (answer === undefined) return Number(key) >= 400 ? bodies.compile(component("basic-error")) : undefined;
    if ("$ref" in answer) {
      const schema = resolved<Content>(answer).content?.["application/json"]?.schema;
      return bodies.compile(schema?.$ref === undefined ? {} : { $ref: `github${schema.$ref}` });
    }
    const hasBody = answer.content?.["application/json"] !== undefined;
    return bodies.compile(hasBody ? at("responses", key, "content", "application/json", "schema") : {});
  });

  return {
    id: said.operationId,
    method: method.toUpperCase(),
    pattern: new RegExp(`^${pattern}$`),
    bodySchema,
    requestProblems: (inPath, inQuery, body) => [
      ...problems("path", validatorOf("path"), { ...inPath }),
      ...problems("query", validatorOf("query"), { ...inQuery }),
      ...(body === undefined && said.requestBody?.required !== true ? [] : problems("body", validatorOf("body"), body)),
    ],
    answerProblems: (status, body) => {
      const validator = validatorOf(String(status));
      return validator === undefined ? [`no answer ${status} is described`] : problems("answer", validator, body);
    },
  };
}

// Unknown query parameters are refused here: GitHub ignores "per-page", and a test would never notice.
function parametersSchema(parameters: Parameter[], place: "path" | "query"): object {
  const here = parameters.filter((one) => one.in === place);
  return {
    type: "object",
    properties: Object.fromEntries(here.map((one) => [one.name, one.schema])),
    required: here.filter((one) => one.required === true).map((one) => one.name),
    additionalProperties: false,
  };
}

function problems(place: string, validator: ValidateFunction | undefined, value: unknown): string[] {
  if (validator === undefined || validator(value)) return [];
  return (validator.errors ?? []).map((one) => `${place}${one.instancePath} ${one.message}${detail(one.params)}`);
}

const detail = (params: Record<string, unknown>) => {
  const said = params.allowedValues ?? params.additionalProperty;
  return said === undefined ? "" : `: ${JSON.stringify(said)}`;
};

const component = (name: string) => ({ $ref: `github#/components/schemas/${name}` });
const escaped = (name: string) => encodeURIComponent(name.replaceAll("~", "~0").replaceAll("/", "~1"));

function remembered<T>(make: (key: string) => T): (key: string) => T {
  const made = new Map<string, { value: T }>();
  return (key) => {
    const known = made.get(key) ?? { value: make(key) };
    made.set(key, known);
    return known.value;
  };
}
