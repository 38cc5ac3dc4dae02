/** The validator that the document and every answer are held to: it says no where JSON Schema does. */
import { describe, expect, it } from "vitest";
import { faultsOf, type Schema } from "../../support/json-schema/validate.ts";

const object = (properties: object, more: object = {}): Schema => ({ type: "object", properties, ...more }) as Schema;
/** As text: an object with a member of that name would look like a promise. */
const CONDITION = JSON.parse('{"if":{"required":["a"]},"then":{"required":["b"]},"else":{"required":["c"]}}') as Schema;
const closed = object({ a: { type: "integer" } }, { required: ["a"], additionalProperties: false });

describe("the validator", () => {
  it.each<[Schema, unknown, unknown]>([
    [{ type: "integer" }, 1, 1.5],
    [{ type: ["string", "null"] }, null, 1],
    [{ type: "array", items: { type: "string" }, minItems: 1, maxItems: 2 }, ["a"], ["a", "b", "c"]],
    [{ type: "array", items: { type: "string" }, minItems: 1 }, ["a"], []],
    [{ type: "array", items: { type: "string" } }, ["a"], [1]],
    [{ enum: ["a", { b: 1 }] }, { b: 1 }, "c"],
    [{ const: "a" }, "a", "b"],
    [{ pattern: "^\\d+$" }, "12", "x"],
    [{ minLength: 1, maxLength: 2 }, "🛒a", "abc"],
    [{ minimum: 1, maximum: 3 }, 3, 4],
    [{ exclusiveMinimum: 1, exclusiveMaximum: 3 }, 2, 3],
    [{ format: "date-time" }, "2026-11-28T09:00:00.000Z", "2026-13-28T09:00:00Z"],
    [{ format: "uri" }, "https://a.example/", "nowhere"],
    [closed, { a: 1 }, { a: 1, b: 2 }],
    [closed, { a: 1 }, {}],
    [{ patternProperties: { "^x": { type: "string" } }, additionalProperties: false }, { xa: "1" }, { xa: 1 }],
    [{ propertyNames: { pattern: "^a" } }, { ab: 1 }, { b: 1 }],
    [{ minProperties: 1, maxProperties: 1 }, { a: 1 }, { a: 1, b: 1 }],
    [{ allOf: [{ required: ["a"] }, { required: ["b"] }] }, { a: 1, b: 1 }, { a: 1 }],
    [{ anyOf: [{ type: "string" }, { type: "null" }] }, null, 1],
    [{ oneOf: [{ required: ["a"] }, { required: ["b"] }] }, { a: 1 }, { a: 1, b: 1 }],
    [{ not: { type: "null" } }, 1, null],
    [CONDITION, { a: 1, b: 1 }, { a: 1, c: 1 }],
    [CONDITION, { c: 1 }, {}],
    [{ dependentSchemas: { a: { required: ["b"] } } }, { b: 1 }, { a: 1 }],
    [{ $defs: { n: { type: "number" } }, $ref: "#/$defs/n" }, 1, "1"],
    [{ $defs: { n: { $dynamicAnchor: "meta", type: "number" } }, $dynamicRef: "#meta" }, 1, "1"],
    [{ allOf: [object({ a: {} })], properties: { b: {} }, unevaluatedProperties: false }, { a: 1, b: 1 }, { c: 1 }],
    [{ anyOf: [object({ a: { const: 1 } }), object({ b: {} })], unevaluatedProperties: false }, { b: 1 }, { c: 1 }],
  ])("%j takes %j and refuses %j", (schema, right, wrong) => {
    expect(faultsOf(schema, right)).toEqual([]);
    expect(faultsOf(schema, wrong)).not.toEqual([]);
  });

  it("names the place of what is wrong", () => {
    expect(faultsOf(object({ list: { type: "array", items: closed } }), { list: [{ a: 1 }, { a: "1" }] })).toEqual([
      "/list/1/a: string instead of integer",
    ]);
  });

  it("passes nothing because of a keyword that it does not know", () => {
    expect(() => faultsOf({ contains: { const: 1 } }, [])).toThrow("contains");
  });
});
