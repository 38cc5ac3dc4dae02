import { describe, expect, it } from "vitest";
import { type FulfilmentFacts, NO_FACTS, withFacts } from "../../../src/domain/channel/fulfilment.ts";
import { splitFacts } from "../../../src/queues/split-facts.ts";

const parts = Array.from({ length: 30 }, (_, i) => ({ sku: `${i}`.padEnd(255, "c"), units: 2 }));
const factsOf = (lines: number, isCancelled = false): FulfilmentFacts => ({
  lines: Object.fromEntries(
    Array.from({ length: lines }, (_, i) => [`${i}`, { sku: `SET-${i}`, quantity: 1, locationId: null, parts }]),
  ),
  cancelled: { "cancel/1": { line: "1", quantity: 1 } },
  isCancelled,
});
const bytesOf = (value: unknown) => new TextEncoder().encode(JSON.stringify(value)).byteLength;

describe("news of an order", () => {
  it("goes whole where it fits", () => {
    const facts = factsOf(3);
    expect(splitFacts(facts, 120_000)).toEqual([facts]);
  });

  it("goes in pieces where it does not, each small enough, and they add up to it in any order", () => {
    const facts = factsOf(250, true);
    const pieces = splitFacts(facts, 120_000);
    expect(pieces.length).toBeGreaterThan(10);
    expect(Math.max(...pieces.map(bytesOf))).toBeLessThan(116_000);
    expect(pieces.toReversed().reduce(withFacts, NO_FACTS)).toEqual(facts);
    expect(pieces.every(({ isCancelled }) => isCancelled)).toBe(true);
  });
});
