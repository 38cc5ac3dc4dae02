import { readdirSync, readFileSync } from "node:fs";
import { buildSchema, isInputObjectType, parse, validate } from "graphql";
import { describe, expect, it } from "vitest";
import {
  CHECKSUM_FILE,
  canonicalSdl,
  pruneSchema,
  readIntrospection,
  SDL_FILE,
  sha256,
} from "../../../dev/shopify-simulator/schema/prune.ts";

const sdl = readFileSync(SDL_FILE, "utf8");
const schema = buildSchema(sdl);
const checksums = JSON.parse(readFileSync(CHECKSUM_FILE, "utf8")) as Record<string, string>;
/** Path to dist/data/admin_2026-10.json.gz of npm @shopify/dev-mcp 1.16.0; the comparison with the source needs it. */
const sourcePath = process.env["SHOPIFY_ADMIN_INTROSPECTION"];
const operations = readdirSync(new URL("./fixtures/ops/", import.meta.url));

describe("the pruned Admin schema", () => {
  it("is the file that the prune script wrote, untouched by hand", () => {
    expect(sha256(canonicalSdl(sdl))).toBe(checksums["canonicalSdlSha256"]);
  });

  it.runIf(sourcePath !== undefined)("is what the script makes of Shopify's introspection today", () => {
    const path = sourcePath ?? "";
    expect(sha256(readFileSync(path))).toBe(checksums["sourceSha256"]);
    expect(canonicalSdl(pruneSchema(readIntrospection(path)))).toBe(canonicalSdl(sdl));
  });

  it.each(operations)("accepts the document %s", (name) => {
    const text = readFileSync(new URL(`./fixtures/ops/${name}`, import.meta.url), "utf8");
    expect(validate(schema, parse(text))).toEqual([]);
  });

  it("has the idempotency directive on fields and nowhere else", () => {
    const directive = schema.getDirective("idempotent");
    expect(directive?.locations).toEqual(["FIELD"]);
    expect(String(directive?.args[0]?.type)).toBe("String!");
  });

  it("has lost the arguments that 2026-04 removed", () => {
    const input = schema.getType("InventorySetQuantitiesInput");
    if (!isInputObjectType(input)) throw new Error("no such input");
    expect(Object.keys(input.getFields()).sort()).toEqual(["name", "quantities", "reason", "referenceDocumentUri"]);
    expect(sdl).not.toContain("compareQuantity:");
  });

  it("carries the licence of its source", () => {
    const notice = readFileSync(new URL("../../../dev/shopify-simulator/schema/NOTICE", import.meta.url), "utf8");
    expect(notice).toContain("ISC License");
    expect(notice).toContain("Copyright 2025-present, Shopify Inc.");
    expect(sdl).toContain("ISC License: see the NOTICE file");
  });
});
