/**
 * Cuts Shopify's Admin schema (the introspection shipped in npm `@shopify/dev-mcp`) down to what the simulator serves.
 * Kept fields stay exactly as they are: types, nullability, arguments, defaults, deprecations, enums whole. Descriptions go.
 *
 *   npm pack @shopify/dev-mcp@1.16.0 && tar xzf shopify-dev-mcp-1.16.0.tgz
 *   npx node dev/shopify-simulator/schema/prune.ts package/dist/data/admin_2026-10.json.gz
 */
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import type { IntrospectionQuery, IntrospectionType, IntrospectionTypeRef } from "graphql";
import { buildClientSchema, buildSchema, lexicographicSortSchema, printSchema } from "graphql";
import { KEPT_DIRECTIVES, KEPT_FIELDS, KEPT_INTERFACES, WHOLE_TYPE } from "./selection.ts";

export const SDL_FILE = new URL("./admin-2026-10.graphql", import.meta.url);
export const CHECKSUM_FILE = new URL("./checksums.json", import.meta.url);

const HEADER = `# A part of Shopify's GraphQL Admin API schema, version 2026-10, for the Shopify simulator of the local stack.
# Made by dev/shopify-simulator/schema/prune.ts from npm @shopify/dev-mcp 1.16.0 (dist/data/admin_2026-10.json.gz).
# Copyright 2025-present, Shopify Inc. ISC License: see the NOTICE file beside this one. Do not edit by hand.

`;

type AnyRef = IntrospectionTypeRef;

function namedType(ref: AnyRef): string {
  return ref.kind === "NON_NULL" || ref.kind === "LIST" ? namedType(ref.ofType as AnyRef) : ref.name;
}

/** The names a type needs: its kept fields' types and their arguments' types. */
function neighbours(type: IntrospectionType): string[] {
  if (type.kind === "INPUT_OBJECT") return type.inputFields.map((field) => namedType(field.type));
  if (type.kind === "UNION") return type.possibleTypes.map((member) => member.name);
  if (type.kind !== "OBJECT" && type.kind !== "INTERFACE") return [];
  return type.fields.flatMap((field) => [namedType(field.type), ...field.args.map((arg) => namedType(arg.type))]);
}

/** One type with only the fields that are served, and only the interfaces that are kept. */
function trim(type: IntrospectionType): IntrospectionType {
  if (type.kind === "INTERFACE") return { ...type, interfaces: [], possibleTypes: [] };
  if (type.kind !== "OBJECT") return type;
  const kept = KEPT_FIELDS[type.name];
  const isWhole = kept === undefined && WHOLE_TYPE.test(type.name);
  const missing = (kept ?? []).filter((name) => !type.fields.some((field) => field.name === name));
  if (missing.length > 0) throw new Error(`${type.name} has no field ${missing.join(", ")} in this schema`);
  return {
    ...type,
    fields: type.fields.filter((field) => isWhole || kept?.includes(field.name)),
    interfaces: type.interfaces.filter((implemented) => KEPT_INTERFACES.includes(implemented.name)),
  };
}

/** Everything reachable from the roots over kept fields. A reachable object type that nobody listed is an error. */
function reachable(types: ReadonlyMap<string, IntrospectionType>): IntrospectionType[] {
  const found = new Map<string, IntrospectionType>();
  const open = ["QueryRoot", "Mutation", ...KEPT_INTERFACES];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (found.has(name)) continue;
    const type = types.get(name);
    if (type === undefined) throw new Error(`the schema has no type ${name}`);
    const trimmed = trim(type);
    if (trimmed.kind === "OBJECT" && trimmed.fields.length === 0) throw new Error(`list the fields to keep of ${name}`);
    found.set(name, trimmed);
    open.push(...neighbours(trimmed));
  }
  return [...found.values()];
}

/** The pruned schema as SDL text.
 * @param introspection  the parsed introspection result of the whole Admin schema
 * Errors: throws when a listed field or type is missing, so that a schema change cannot pass unseen. */
export function pruneSchema(introspection: IntrospectionQuery): string {
  const schema = introspection.__schema;
  const types = reachable(new Map(schema.types.map((type) => [type.name, type])));
  const pruned: IntrospectionQuery = {
    __schema: {
      ...schema,
      description: null,
      subscriptionType: null,
      directives: schema.directives.filter((directive) => KEPT_DIRECTIVES.includes(directive.name)),
      types: types.map((type) => {
        if (type.kind !== "INTERFACE") return type;
        const members = types.flatMap((other) =>
          other.kind === "OBJECT" && other.interfaces.some((implemented) => implemented.name === type.name)
            ? [{ kind: "OBJECT" as const, name: other.name }]
            : [],
        );
        return { ...type, possibleTypes: members };
      }),
    },
  };
  const text = printSchema(lexicographicSortSchema(buildClientSchema(withoutDescriptions(pruned))));
  return `${HEADER}${text}\n`;
}

function withoutDescriptions(introspection: IntrospectionQuery): IntrospectionQuery {
  return JSON.parse(
    JSON.stringify(introspection, (key, value: unknown) => (key === "description" ? null : value)),
  ) as IntrospectionQuery;
}

/** Reads the gzipped introspection file as it lies in the npm package. */
export function readIntrospection(path: string): IntrospectionQuery {
  return (JSON.parse(gunzipSync(readFileSync(path)).toString("utf8")) as { data: IntrospectionQuery }).data;
}

/** The schema without layout and comments: a formatter may touch the file, nobody may touch its meaning. */
export function canonicalSdl(sdl: string): string {
  return printSchema(lexicographicSortSchema(buildSchema(sdl)));
}

export function sha256(content: string | Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}

if (import.meta.main) {
  const path = process.argv[2];
  if (path === undefined) throw new Error("usage: prune.ts <admin_2026-10.json.gz>");
  const sdl = pruneSchema(readIntrospection(path));
  writeFileSync(SDL_FILE, sdl);
  const note = {
    source: "npm @shopify/dev-mcp@1.16.0, dist/data/admin_2026-10.json.gz",
    sourceSha256: sha256(readFileSync(path)),
    canonicalSdlSha256: sha256(canonicalSdl(sdl)),
  };
  writeFileSync(CHECKSUM_FILE, `${JSON.stringify(note, null, 2)}\n`);
  console.log(`${sdl.length} characters, ${sdl.split("\n").length} lines`);
}
