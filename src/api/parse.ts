/** Input, parsed once at the edge: what is wrong is told with its field. */
import type { Context } from "hono";
import * as z from "zod/mini";
import { LIMITS } from "../config.ts";
import { parseSku, type Sku } from "../domain/ids.ts";
import { err, ok, type Result } from "../domain/result.ts";
import { readCapped } from "../ingress/read-capped.ts";
import type { Problem } from "./problem.ts";

/**
 * @param schema  zod; its first issue names the field
 * @param options  `isOptional`: no body at all is an empty object
 */
export async function parseBody<Schema extends z.ZodMiniType>(
  c: Context,
  schema: Schema,
  { isOptional = false } = {},
): Promise<Result<z.infer<Schema>, Problem>> {
  if (isOptional && c.req.raw.body === null) return check(schema, {}, "body");
  const json = await parseJson(c);
  return json.ok ? check(schema, json.value, "body") : json;
}

/** For what has a parser of its own. */
export async function parseJson(c: Context): Promise<Result<unknown, Problem>> {
  const raw = await readCapped(c.req.raw, LIMITS.apiBytesMax);
  if (!raw.ok) return err({ code: "body_too_large", detail: `A body may have ${raw.error.bytesMax} bytes.` });
  try {
    return ok(JSON.parse(new TextDecoder().decode(raw.value)));
  } catch {
    return err({ code: "bad_request", detail: "The body is not JSON.", field: "body" });
  }
}

/** Of writes that can say what they would do. */
export const dryRunQuery = z.strictObject({
  dryRun: z.optional(z.enum(["true", "false"]).check(z.describe("`true`: what would be; nothing is changed."))),
});

export function parseQuery<Schema extends z.ZodMiniType>(c: Context, schema: Schema): Result<z.infer<Schema>, Problem> {
  return check(schema, c.req.query(), "query");
}

function check<Schema extends z.ZodMiniType>(
  schema: Schema,
  given: unknown,
  whole: string,
): Result<z.infer<Schema>, Problem> {
  const parsed = schema.safeParse(given);
  if (parsed.success) return ok(parsed.data);
  const errors = parsed.error.issues
    .slice(0, 10)
    .map((issue) => ({ field: fieldOf(issue, whole), message: issue.message }));
  const [first] = errors;
  const detail = first === undefined ? "It does not match the schema." : `${first.field}: ${first.message}`;
  return err({ code: "bad_request", detail, field: first?.field ?? whole, more: { errors } });
}

/** An unknown key is at fault itself, not the object that holds it. */
function fieldOf(issue: z.core.$ZodIssue, whole: string): string {
  const path = issue.code === "unrecognized_keys" ? [...issue.path, ...issue.keys.slice(0, 1)] : issue.path;
  return path.map(String).join(".") || whole;
}

export function skuParam(c: Context): Result<Sku, Problem> {
  const sku = parseSku(c.req.param("sku"));
  if (sku.ok) return sku;
  return err({ code: "bad_request", detail: "A SKU has 1–255 printable characters.", field: "sku" });
}
