// What GitHub's description says only in prose. Unknown fields are refused though GitHub ignores them: a misspelt
// "anotations" must fail a test, not vanish.
import { resolved, type Schema } from "./openapi.ts";
import type { Annotation } from "./state.ts";

const TEXT_BYTES = 64 * 1024;
type Checks = Record<string, (body: Record<string, unknown>) => string[]>;

/** What is wrong with a body that its schema lets pass. */
export function handProblems(operationId: string, schema: Schema | undefined, body: unknown): string[] {
  if (!isRecord(body)) return [];
  const unknown = schema === undefined ? [] : unknownFields(schema, body, "body");
  return [...unknown, ...(checks[operationId]?.(body) ?? [])];
}

const checks: Checks = {
  "checks/create": (body) => [
    ...checkRunProblems(body),
    ...(typeof body.head_sha === "string" && !/^[0-9a-f]{40}$/.test(body.head_sha)
      ? [`No commit found for SHA: ${body.head_sha}`]
      : []),
  ],
  "checks/update": checkRunProblems,
  "repos/create-deployment-status": (body) => [
    ...tooLong("body/description", body.description, 140),
    ...webAddresses(body, ["environment_url", "log_url", "target_url"]),
  ],
  "issues/create-comment": commentProblems,
  "issues/update-comment": commentProblems,
};

function checkRunProblems(body: Record<string, unknown>): string[] {
  const output = isRecord(body.output) ? body.output : {};
  const annotations = Array.isArray(output.annotations) ? output.annotations.filter(isAnnotation) : [];
  return [
    ...(body.status === "completed" && body.conclusion === undefined
      ? ["a completed check run needs a conclusion"]
      : []),
    ...(body.completed_at !== undefined && body.conclusion === undefined
      ? ["completed_at comes without a conclusion"]
      : []),
    ...(body.conclusion === "stale" ? ["only GitHub itself concludes stale"] : []),
    ...webAddresses(body, ["details_url"]),
    ...annotations.flatMap((one, index) => annotationProblems(one, `body/output/annotations/${index}`)),
  ];
}

function annotationProblems(one: Annotation, where: string): string[] {
  const hasColumns = one.start_column !== undefined || one.end_column !== undefined;
  return [
    ...tooBig(`${where}/message`, one.message),
    ...tooBig(`${where}/raw_details`, one.raw_details),
    ...tooLong(`${where}/title`, one.title, 255),
    ...(one.end_line < one.start_line ? [`${where} ends before it starts`] : []),
    ...(hasColumns && one.start_line !== one.end_line ? [`${where} has columns but spans more than one line`] : []),
  ];
}

function commentProblems(body: Record<string, unknown>): string[] {
  if (body.body === "") return ["Body can't be blank"];
  const isLong = typeof body.body === "string" && body.body.length > 65536;
  return isLong ? ["Body is too long (maximum is 65536 characters)"] : [];
}

function unknownFields(schema: Schema, value: unknown, where: string): string[] {
  const { properties, items } = resolved(schema);
  if (items !== undefined && Array.isArray(value)) {
    return value.flatMap((item, index) => unknownFields(items, item, `${where}/${index}`));
  }
  if (properties === undefined || !isRecord(value)) return [];
  return Object.entries(value).flatMap(([key, item]) => {
    const known = properties[key];
    return known === undefined
      ? [`${where}/${key} is no field of this request`]
      : unknownFields(known, item, `${where}/${key}`);
  });
}

function webAddresses(body: Record<string, unknown>, fields: string[]): string[] {
  const isBad = (value: unknown) => typeof value === "string" && value !== "" && !/^https?:\/\//.test(value);
  return fields.filter((field) => isBad(body[field])).map((field) => `${field} must use http or https scheme`);
}

const tooLong = (where: string, value: unknown, limit: number) =>
  typeof value === "string" && value.length > limit ? [`${where} is longer than ${limit} characters`] : [];

const tooBig = (where: string, value: unknown) =>
  typeof value === "string" && Buffer.byteLength(value) > TEXT_BYTES ? [`${where} is larger than 64 KB`] : [];

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

// Types of the fields are the schema's business, which reports them beside these.
const isAnnotation = (value: unknown): value is Annotation => isRecord(value) && typeof value.message === "string";
