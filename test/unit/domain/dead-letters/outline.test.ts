import { expect, it } from "vitest";
import { outlineOf } from "../../../../src/domain/dead-letters/outline.ts";

it("leaves of a payload its keys and the kinds of its values", () => {
  const payload = { id: 7, name: "Anna", tags: ["a", "b", "c"], empty: [], nested: { paid: true, note: null } };
  expect(outlineOf(payload)).toEqual({
    ...{ id: "(number)", name: "(string)", tags: ["(string)", "(2 more)"], empty: "(array of 0)" },
    nested: { paid: "(boolean)", note: null },
  });
});

it("leaves out keys that may be data, and ends however deep or wide the payload is", () => {
  expect(outlineOf({ "anna@example.com": 1, "2026-01-01": 2, ok: 3 })).toEqual({ ok: "(number)" });
  let deep: unknown = "secret";
  for (let i = 0; i < 50; i += 1) deep = { deep };
  expect(JSON.stringify(outlineOf(deep))).not.toContain("secret");
  const wide = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`k${i}`, i]));
  expect(Object.keys(outlineOf(wide) as object)).toHaveLength(50);
  expect(outlineOf("Anna")).toBe("(string)");
});
