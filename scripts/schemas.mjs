// JSON Schemas of the files that people write and of the plan that is put out, made from what reads them (zod), so that an editor completes and checks with the
// same rules: `# yaml-language-server: $schema=…` at the top of a YAML file, "$schema" in a JSON file.
import { z } from "zod";
import { planJson } from "../src/plan/plan-json.ts";
import { appFields } from "../src/spec/app-fields.ts";
import { fleetFields } from "../src/spec/fleet.ts";

/** A schema as a file's text. What zod has functions for, and JSON Schema has no words for, is left open. */
function schemaText(fields, title) {
  const schema = z.toJSONSchema(fields, { io: "input", unrepresentable: "any" });
  const { $schema, ...rest } = schema;
  return `${JSON.stringify({ $schema, title, ...rest }, null, 2)}\n`;
}

/** Path → text. */
export const schemas = () =>
  new Map([
    ["schema/app.schema.json", schemaText(appFields, "An app's spec: apps/NAME/app.yaml")],
    ["schema/plan.schema.json", schemaText(planJson, "A plan: the output plan")],
    ["schema/fleet.schema.json", schemaText(fleetFields, "The fleet file: fleet.yaml")],
  ]);
