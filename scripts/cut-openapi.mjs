// Cuts the operations that Beamline calls out of GitHub's OpenAPI description (13 MB) for the API double.
// The package weighs 394 MB, so it is no devDependency; the cut is committed. To make it again, in an empty directory:
//   npm pack @octokit/openapi@23.0.2 && tar xzf octokit-openapi-23.0.2.tgz
//   node /path/to/scripts/cut-openapi.mjs package/generated/api.github.com.json
import { readFileSync, writeFileSync } from "node:fs";

const OPERATIONS = new Set([
  "actions/get-artifact",
  "actions/get-workflow-run",
  "actions/list-artifacts-for-repo",
  "actions/list-jobs-for-workflow-run",
  "actions/list-workflow-run-artifacts",
  "checks/create",
  "checks/get",
  "checks/list-annotations",
  "checks/list-for-ref",
  "checks/update",
  "git/get-commit",
  "git/get-ref",
  "issues/create-comment",
  "issues/delete-comment",
  "issues/get-comment",
  "issues/list-comments",
  "issues/update-comment",
  "pulls/get",
  "pulls/list",
  "rate-limit/get",
  "repos/compare-commits-with-basehead",
  "repos/create-deployment",
  "repos/create-deployment-status",
  "repos/delete-deployment",
  "repos/get",
  "repos/get-commit",
  "repos/get-deployment",
  "repos/get-deployment-status",
  "repos/list-deployment-statuses",
  "repos/list-deployments",
  "repos/list-pull-requests-associated-with-commit",
  "users/get-authenticated",
]);
const ALWAYS = ["#/components/schemas/basic-error", "#/components/schemas/validation-error"];
const UNREAD = new Set(["description", "summary", "example", "examples", "title", "externalDocs", "tags", "headers"]);
const KEPT_EXTENSION = "x-multi-segment";

// A key inside "properties" is a field's name ("description", "title"), and stays.
function bare(value, isNameMap = false) {
  if (Array.isArray(value)) return value.map((item) => bare(item));
  if (value === null || typeof value !== "object") return value;
  const kept = Object.entries(value).filter(
    ([key]) => isNameMap || !(UNREAD.has(key) || (key.startsWith("x-") && key !== KEPT_EXTENSION)),
  );
  return mended(Object.fromEntries(kept.map(([key, item]) => [key, bare(item, !isNameMap && key === "properties")])));
}

// The description says "nullable" beside things it does not widen by itself: ajv refuses null for an enum that lacks it,
// and does not compile nullable without a type (nullable + oneOf, two places in the commit schema).
// A deployment status without a log answers log_url "", the default its own "format": "uri" refuses.
function mended(schema) {
  if (schema.format === "uri" && schema.default === "") {
    const { format: _, ...rest } = schema;
    return rest;
  }
  if (schema.nullable !== true) return schema;
  if (Array.isArray(schema.enum) && !schema.enum.includes(null)) return { ...schema, enum: [...schema.enum, null] };
  const choices = ["oneOf", "anyOf"].find((key) => Array.isArray(schema[key]));
  if (schema.type !== undefined || choices === undefined) return schema;
  const { nullable: _, ...rest } = schema;
  return { ...rest, [choices]: [...schema[choices], { enum: [null] }] };
}

function refsIn(value, found = new Set()) {
  if (value === null || typeof value !== "object") return found;
  for (const [key, item] of Object.entries(value)) {
    if (key === "$ref" && typeof item === "string") found.add(item);
    else refsIn(item, found);
  }
  return found;
}

const source = process.argv[2];
if (source === undefined) {
  console.error("usage: node scripts/cut-openapi.mjs PATH/TO/api.github.com.json");
  process.exit(2);
}
const full = JSON.parse(readFileSync(source, "utf8"));

const lines = [];
const missing = new Set(OPERATIONS);
const paths = {};
for (const [path, methods] of Object.entries(full.paths)) {
  for (const [method, operation] of Object.entries(methods)) {
    if (!missing.delete(operation.operationId)) continue;
    const { operationId, parameters, requestBody, responses } = operation;
    paths[path] = { ...paths[path], [method]: bare({ operationId, parameters, requestBody, responses }) };
  }
}
if (missing.size > 0) throw new Error(`the description has no ${[...missing].join(", ")}`);

const components = {};
const waiting = [...ALWAYS, ...refsIn(paths)];
const seen = new Set();
for (let ref = waiting.pop(); ref !== undefined; ref = waiting.pop()) {
  if (seen.has(ref)) continue;
  seen.add(ref);
  const [, , kind, name] = ref.split("/");
  // Examples and headers of answers are $refs too; bare() has dropped them, so only these three kinds can come.
  if (!["schemas", "parameters", "responses"].includes(kind)) throw new Error(`unexpected ${ref}`);
  const part = bare(full.components[kind][name]);
  components[kind] = { ...components[kind], [name]: part };
  waiting.push(...refsIn(part));
}

// One line an operation or component: a newer description then shows up as a readable diff.
const sorted = (record) => Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
const block = (record) =>
  `{\n${sorted(record)
    .map(([key, item]) => `${JSON.stringify(key)}:${JSON.stringify(item)}`)
    .join(",\n")}\n}`;
lines.push(`"openapi":${JSON.stringify(full.openapi)}`, `"info":${JSON.stringify({ version: full.info.version })}`);
lines.push(`"paths":${block(paths)}`);
lines.push(
  `"components":{\n${sorted(components)
    .map(([kind, parts]) => `${JSON.stringify(kind)}:${block(parts)}`)
    .join(",\n")}\n}`,
);

const target = new URL("../test/github/openapi.json", import.meta.url);
writeFileSync(target, `{\n${lines.join(",\n")}\n}\n`);
console.log(`${OPERATIONS.size} operations, ${seen.size} components -> ${target.pathname}`);
