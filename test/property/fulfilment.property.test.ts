/** An order's news may come in any order, and twice: the document that it makes is the same. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isPartLine, ORDER_LINE, orderLineOf, partLineOf } from "../../src/domain/channel/bundle-line.ts";
import { type FulfilmentFacts, fulfilmentOf, NO_FACTS, withFacts } from "../../src/domain/channel/fulfilment.ts";
import { fromStore } from "../../src/domain/ids.ts";

const order = { orderId: "7", orderChannel: fromStore<never>("shop"), version: 1 };
const isOrderLine = (name: string): boolean => ORDER_LINE.test(name);
const documentOf = (facts: FulfilmentFacts) => fulfilmentOf(order, facts, (name) => name);
const facts = (given: Partial<FulfilmentFacts>): FulfilmentFacts => ({ ...NO_FACTS, ...given });

const PARTS = [
  { sku: "CUP", units: 2 },
  { sku: "LID", units: 1 },
];
const SET = { sku: "SET", quantity: 4, locationId: null, parts: PARTS };

const news = fc.oneof(
  fc
    .constantFrom("1", "2", "3")
    .map((line) => facts({ lines: { [line]: { sku: `SKU-${line}`, quantity: Number(line) * 2, locationId: null } } })),
  { arbitrary: fc.constant(facts({ lines: { "4": SET } })), weight: 2 },
  fc
    .record({ line: fc.constantFrom("1", "2", "3", "4", "4"), refund: fc.nat(4) })
    .map(({ line, refund }) => facts({ cancelled: { [`refund/${line}/${refund}`]: { line, quantity: 1 } } })),
  { arbitrary: fc.constant(facts({ isCancelled: true })), weight: 1 },
);

describe("what is to be sent out", () => {
  it("is the same in whatever order, and however often, its news comes", () => {
    fc.assert(
      fc.property(fc.array(news, { maxLength: 12 }), fc.infiniteStream(fc.nat()), (all, chance) => {
        const inOrder = all.reduce(withFacts, NO_FACTS);
        const shuffled = [...all, ...all]
          .map((each) => [each, chance.next().value as number] as const)
          .sort(([, a], [, b]) => a - b)
          .map(([each]) => each);
        expect(documentOf(shuffled.reduce(withFacts, NO_FACTS))).toEqual(documentOf(inOrder));
        expect(all.reduce(withFacts, inOrder)).toBe(inOrder);
      }),
    );
  });

  it("is, of a bundle, each component as often as the bundles that are left hold it, under lines of their own", () => {
    fc.assert(
      fc.property(fc.array(news, { maxLength: 12 }), (all) => {
        const known = all.reduce(withFacts, NO_FACTS);
        const gone = Object.values(known.cancelled).filter(({ line }) => line === "4");
        const left = known.lines["4"] === undefined || known.isCancelled ? 0 : Math.max(0, 4 - gone.length);
        const lines = documentOf(known)?.lines ?? [];
        const parts = lines.filter(({ bundle }) => bundle !== null);
        expect(parts.map(({ sku, quantity }) => [sku, quantity])).toEqual(
          left === 0 ? [] : PARTS.map(({ sku, units }) => [sku, units * left]),
        );
        for (const { line, bundle } of parts) {
          expect(bundle).toEqual({ line: "4", sku: "SET", quantity: left });
          expect(orderLineOf(line)).toBe("4");
        }
        expect(new Set(lines.map(({ line }) => line)).size).toBe(lines.length);
      }),
    );
  });

  it("keeps a bundle as it was when its order was taken in, whatever is told of it later", () => {
    const sold = withFacts(NO_FACTS, facts({ lines: { "4": SET } }));
    const edited = facts({ lines: { "4": { ...SET, parts: [{ sku: "LID", units: 9 }] } } });
    expect(withFacts(sold, edited)).toBe(sold);
  });

  it("names a component so that its order's line is found, whatever the two are called", () => {
    const line = fc.string({ minLength: 1, unit: fc.constantFrom("/", "part", "/part/", "1") }).filter(isOrderLine);
    fc.assert(
      fc.property(line, fc.string({ minLength: 1, unit: fc.constantFrom("/", "part/", "A") }), (name, sku) => {
        const part = partLineOf(name, sku);
        expect([orderLineOf(part), isPartLine(part)]).toEqual([name, true]);
        expect([orderLineOf(name), isPartLine(name)]).toEqual([name, false]);
      }),
    );
  });

  it("is what was ordered less what was cancelled, and nothing is said before a line is known", () => {
    const early = withFacts(NO_FACTS, facts({ cancelled: { "refund/1": { line: "1", quantity: 1 } } }));
    expect(documentOf(early)).toBeNull();
    const lines = { "1": { sku: "A", quantity: 3, locationId: "9" } };
    const known = withFacts(early, facts({ lines }));
    expect(documentOf(known)).toMatchObject({ state: "open", lines: [{ line: "1", quantity: 2, locationId: "9" }] });
    const rest = facts({ cancelled: { "refund/2": { line: "1", quantity: 2 } } });
    expect(documentOf(withFacts(known, rest))).toMatchObject({ state: "cancelled", lines: [] });
    expect(documentOf(withFacts(known, facts({ isCancelled: true })))).toMatchObject({ state: "cancelled", lines: [] });
  });
});
