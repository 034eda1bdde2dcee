// A full answer of GitHub has some hundred fields, nearly all of them addresses. The required ones are filled in from
// the description, and the operations write what they know over them. (GitHub's own examples do not fit its schemas.)
import { resolved, type Schema, schemaNamed } from "./openapi.ts";

/** Any JSON object. */
export type Json = Record<string, unknown>;

/** An object of the named schema: its required fields filled in, then `known` written over them. */
export function sampleOf(name: string, known: Json = {}): Json {
  return { ...sampleObject(schemaNamed(name)), ...known };
}

const EPOCH = "2026-01-01T00:00:00Z";

function sampleObject(schema: Schema): Json {
  const properties = schema.properties ?? {};
  const names = (schema.required ?? []).filter((name) => properties[name] !== undefined);
  return Object.fromEntries(names.map((name) => [name, sampleValue(resolved(properties[name] ?? {}))]));
}

function sampleValue(schema: Schema): unknown {
  if (schema.nullable === true) return null;
  if (schema.enum !== undefined) return schema.enum[0];
  const choice = (schema.oneOf ?? schema.anyOf ?? schema.allOf)?.[0];
  if (choice !== undefined) return sampleValue(resolved(choice));
  if (schema.format === "date-time") return EPOCH;
  if (schema.format === "uri") return "https://github.com/";
  if (schema.type === "object") return sampleObject(schema);
  if (schema.type === "array") return [];
  if (schema.type === "boolean") return false;
  return schema.type === "string" ? "" : 0;
}

/** Whom a workflow's own token acts as. */
export const actionsBot = sampleOf("simple-user", { login: "github-actions[bot]", id: 41898282, type: "Bot" });

/** The app behind a workflow's own token. */
export const actionsApp = sampleOf("nullable-integration", {
  id: 15368,
  slug: "github-actions",
  name: "GitHub Actions",
});
