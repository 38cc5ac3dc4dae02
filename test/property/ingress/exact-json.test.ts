import * as fc from "fast-check";
import { expect, it } from "vitest";
import { parseExactJson } from "../../../src/ingress/exact-json.ts";

/** A value as it is, and as it must be read: whole numbers of more than 15 characters as their digits. */
type Case = { readonly text: string; readonly expected: unknown };

const leaf: fc.Arbitrary<Case> = fc.oneof(
  fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }).map((n) => {
    const text = n.toString();
    return { text, expected: text.length > 15 ? text : Number(text) };
  }),
  fc.string({ unit: "binary" }).map((s) => ({ text: JSON.stringify(s), expected: s })),
  fc.stringMatching(/^[\\"0-9 ,:{}[\]-]{0,40}$/).map((s) => ({ text: JSON.stringify(s), expected: s })),
  fc.constantFrom(null, true, false).map((value) => ({ text: String(value), expected: value })),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => {
    const text = JSON.stringify(n);
    return { text, expected: text.length > 15 && /^-?\d+$/.test(text) ? text : JSON.parse(text) };
  }),
);

const { tree } = fc.letrec<{ tree: Case }>((tie) => ({
  tree: fc.oneof(
    { depthSize: "small" },
    leaf,
    fc.array(tie("tree"), { maxLength: 4 }).map((items) => ({
      text: `[ ${items.map(({ text }) => text).join(" ,")}]`,
      expected: items.map(({ expected }) => expected),
    })),
    fc
      .uniqueArray(
        fc.tuple(
          fc.string().filter((key) => key !== "__proto__"),
          tie("tree"),
        ),
        { maxLength: 4, selector: ([key]) => key },
      )
      .map((entries) => ({
        text: `{${entries.map(([key, { text }]) => `${JSON.stringify(key)} : ${text}`).join(",")}}`,
        expected: Object.fromEntries(entries.map(([key, { expected }]) => [key, expected])),
      })),
  ),
}));

it("reads any JSON as JSON.parse does, but for large whole numbers, which keep every digit", () => {
  fc.assert(
    fc.property(tree, ({ text, expected }) => {
      expect(parseExactJson(text)).toEqual({ ok: true, value: expected });
    }),
    { numRuns: 500 },
  );
});
