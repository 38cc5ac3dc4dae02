/** An order's news may come in any order, and twice: the document that it makes is the same. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type FulfilmentFacts, fulfilmentOf, NO_FACTS, withFacts } from "../../src/domain/channel/fulfilment.ts";
import { fromStore } from "../../src/domain/ids.ts";

const order = { orderId: "7", orderChannel: fromStore<never>("shop"), version: 1 };
const documentOf = (facts: FulfilmentFacts) => fulfilmentOf(order, facts, (name) => name);
const facts = (given: Partial<FulfilmentFacts>): FulfilmentFacts => ({ ...NO_FACTS, ...given });

const news = fc.oneof(
  fc
    .constantFrom("1", "2", "3")
    .map((line) => facts({ lines: { [line]: { sku: `SKU-${line}`, quantity: Number(line) * 2, locationId: null } } })),
  fc
    .record({ line: fc.constantFrom("1", "2", "3"), refund: fc.nat(4) })
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
