/** A policy's schema, which the document shows, and the parser that decides take and refuse the same. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { policyBody, rulesBody } from "../../src/api/policy-body.ts";
import { parsePolicy, parseRules } from "../../src/domain/policy/parse-policy.ts";

/** Nearly right: mostly of the right kind, now and then of another, or at the edge of what is allowed. */
const odd = fc.constantFrom<unknown>(null, "", "x", -1, 0, 0.5, 1, true, [], {}, ["1", "1"], 1_000_000_001);
const mostly = (right: fc.Arbitrary<unknown>) =>
  fc.oneof({ weight: 6, arbitrary: right }, { weight: 1, arbitrary: odd });
const fields = (model: Readonly<Record<string, fc.Arbitrary<unknown>>>) =>
  fc.record(Object.fromEntries(Object.entries(model).map(([name, arbitrary]) => [name, mostly(arbitrary)])), {
    requiredKeys: [],
  });
const withStranger = (right: fc.Arbitrary<Record<string, unknown>>) =>
  fc.oneof(
    { weight: 8, arbitrary: right },
    {
      weight: 1,
      arbitrary: fc
        .tuple(right, fc.constantFrom("unheard", "toString", "constructor"))
        .map(([given, name]) => ({ ...given, [name]: 1 })),
    },
  );

const locations = fc.array(fc.constantFrom("11", "22", "a.b-c_d", "no space", "x".repeat(65)), { maxLength: 3 });
const units = fc.constantFrom(0, 1, 1_000_000_000, 1_000_000_001, -1, 1.5);
const percent = fc.constantFrom(0, 1, 100, 101);
const allocation = fields({ by: fc.constantFrom("priority", "most_stock", "nearest"), locations, split: fc.boolean() });
const buffer = fields({ kind: fc.constantFrom("none", "fixed", "percentage", "share"), units, percent });
const rules = withStranger(
  fields({
    buffer,
    zeroBelow: units,
    cap: units,
    excludedLocations: locations,
    isStopped: fc.boolean(),
    allocation,
  }),
);
const channel = fc.constantFrom("till", "Shop-A.myshopify.com", " till ", "no/slash", "", "x".repeat(65), "ünï");
const policy = withStranger(
  fields({
    strategy: fc.constantFrom("atomic", "optimistic", "pessimistic", "eager"),
    allocation,
    channels: fc.dictionary(channel, mostly(rules), { maxKeys: 2 }),
    holdsPerClientMax: fc.constantFrom(0, 10_000, 10_001),
    heldShareMax: percent,
  }),
);

it("a policy is taken by the schema exactly if the parser takes it", () => {
  fc.assert(
    fc.property(mostly(policy), (given) => {
      expect(policyBody.safeParse(given).success).toBe(parsePolicy(given, "asked").ok);
    }),
    { numRuns: 3_000 },
  );
});

it("rules are taken by the schema exactly if the parser takes them", () => {
  fc.assert(
    fc.property(mostly(rules), (given) => {
      expect(rulesBody.safeParse(given).success).toBe(parseRules(given, "asked").ok);
    }),
    { numRuns: 3_000 },
  );
});

it("as many channels as may be are taken, and one more is not", () => {
  const channels = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`till-${i}`, {}]));
  for (const [count, isTaken] of [
    [100, true],
    [101, false],
  ] as const) {
    const given = { channels: channels(count) };
    expect([policyBody.safeParse(given).success, parsePolicy(given, "asked").ok]).toEqual([isTaken, isTaken]);
  }
});
