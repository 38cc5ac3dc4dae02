/**
 * zod → JSON Schema (draft 2020-12) as OpenAPI 3.1 takes it: named schemas once, under `components`, whoever uses them.
 * What a request may leave out because it has a default is not required; so requests and answers are converted apart.
 */
import * as z from "zod/mini";
import type { Schema } from "./operation.ts";

export type JsonSchema = { readonly [keyword: string]: unknown };

type Converted = { readonly named: Readonly<Record<string, JsonSchema>>; of(schema: Schema): JsonSchema };

const refTo = (name: string): string => `#/components/schemas/${name}`;

/**
 * @param named  by the name that they have under `components`
 * @param others  those that stand where they are used
 */
export function convertSchemas(
  io: "input" | "output",
  named: Readonly<Record<string, Schema>>,
  others: readonly Schema[],
): Converted {
  const names = new Map<Schema, string>(Object.entries(named).map(([name, schema]) => [schema, name]));
  const registry = z.registry<{ id: string }>();
  const inline = new Map<Schema, string>();
  for (const [schema, name] of names) registry.add(schema, { id: name });
  for (const schema of others) {
    if (names.has(schema) || inline.has(schema)) continue;
    inline.set(schema, `inline${inline.size}`);
    registry.add(schema, { id: inline.get(schema) ?? "" });
  }
  const { schemas } = z.toJSONSchema(registry, { io, uri: refTo, unrepresentable: "any", override: tidy });
  return {
    named: Object.fromEntries(Object.keys(named).map((name) => [name, whole(name)])),
    of: (schema) => {
      const name = names.get(schema);
      return name === undefined ? whole(inline.get(schema) ?? "") : { $ref: refTo(name) };
    },
  };

  /** A schema that has no name stands wherever it is used, be it within another. */
  function whole(name: string): JsonSchema {
    return resolved(rooted(schemas[name])) as JsonSchema;
  }
  function resolved(part: unknown): unknown {
    if (Array.isArray(part)) return part.map(resolved);
    if (typeof part !== "object" || part === null) return part;
    const name = /^#\/components\/schemas\/(inline\d+)$/.exec(String((part as JsonSchema)["$ref"]))?.[1];
    if (name !== undefined) return whole(name);
    return Object.fromEntries(Object.entries(part).map(([key, each]) => [key, resolved(each)]));
  }
}

/** Within the document a schema is named by its place. */
function rooted(schema: object | undefined): JsonSchema {
  const { $schema: _schema, $id: _id, id: _name, ...rest } = (schema ?? {}) as Record<string, unknown>;
  return rest;
}

/** Bounds of a float are no news, and a time's format says what its pattern spells out. */
function tidy({ jsonSchema }: { readonly jsonSchema: Record<string, unknown> }): void {
  if (jsonSchema["maximum"] === Number.MAX_SAFE_INTEGER) delete jsonSchema["maximum"];
  if (jsonSchema["minimum"] === Number.MIN_SAFE_INTEGER) delete jsonSchema["minimum"];
  if (jsonSchema["format"] === "date-time") delete jsonSchema["pattern"];
  const keys = jsonSchema["propertyNames"] as { type?: string } | undefined;
  if (keys?.type === "string" && Object.keys(keys).length === 1) delete jsonSchema["propertyNames"];
}
