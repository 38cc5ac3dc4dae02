import { describe, expect, it } from "vitest";
import {
  compareDigits,
  type FieldReader,
  matchesSearch,
  namesFields,
  parseSearch,
} from "../../../../dev/shopify-simulator/model/search-syntax.ts";

const record: FieldReader = (field) => {
  switch (field) {
    case "sku":
      return { kind: "text", value: "Mug-01 Blue" };
    case "updated_at":
      return { kind: "time", atMs: Date.parse("2026-11-22T09:00:05.700Z") };
    case "id":
      return { kind: "id", digits: "820982911946154508" };
    case "test":
      return { kind: "flag", value: false };
    default:
      return undefined;
  }
};
const matches = (query: string): boolean => matchesSearch(parseSearch(query), record);

describe("the search syntax", () => {
  it.each([
    ["", true],
    ["sku:'mug-01 blue'", true],
    ['sku:"mug-01 blue"', true],
    ["sku:mug-01", false],
    ["sku:MUG*", true],
    ["-sku:mug*", false],
    ["NOT sku:cup*", true],
    ["sku:cup* OR test:false", true],
    ["sku:mug* test:true", false],
    ["sku:mug* AND test:false", true],
    ["(sku:cup* OR sku:mug*) AND test:false", true],
    ["sku:cup* OR sku:mug* test:true", false],
    ["unheard_of:anything", true],
  ])("%s matches: %s", (query, expected) => {
    expect(matches(query)).toBe(expected);
  });

  it("compares times in whole seconds, with any offset", () => {
    expect(matches("updated_at:>'2026-11-22T09:00:05Z'")).toBe(false);
    expect(matches("updated_at:>=2026-11-22T09:00:05Z")).toBe(true);
    expect(matches("updated_at:>2026-11-22T05:00:04-04:00")).toBe(true);
    expect(matches("updated_at:<2026-11-22T09:00:06Z")).toBe(true);
    expect(matches("updated_at:>not-a-date")).toBe(false);
  });

  it("compares ids beyond 2^53 exactly", () => {
    expect(matches("id:820982911946154508")).toBe(true);
    expect(matches("id:820982911946154509")).toBe(false);
    expect(matches("id:>820982911946154507")).toBe(true);
    expect(compareDigits("99", "100")).toBe(-1);
  });

  it("tells a bare word from a field", () => {
    const isNamed = (query: string): boolean => namesFields(parseSearch(query) ?? { kind: "all", parts: [] });
    expect(isNamed("location_id:1 OR location_id:2")).toBe(true);
    expect(isNamed("location_id:1 bareword")).toBe(false);
    expect(isNamed("NOT bareword")).toBe(false);
  });
});
