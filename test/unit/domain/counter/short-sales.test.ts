import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type OpenSale, ownSales, type SaleMovement, shortfallOf } from "../../../../src/domain/counter/short-sales.ts";

const sale = (id: string, units: number, atMs: number): OpenSale => ({
  ...{ kind: "order", id, reference: null, channel: null, units, atMs },
});

describe("the sales that fall short", () => {
  it("are the newest that together cover what is missing, the oldest of them in part", () => {
    const { sales, unexplained } = shortfallOf(4, [sale("old", 5, 1), sale("newest", 1, 9), sale("middle", 5, 5)], 50);
    expect(sales.map(({ id, short }) => [id, short])).toEqual([
      ["newest", 1],
      ["middle", 3],
    ]);
    expect(unexplained).toBe(0);
  });

  it("leave unexplained what no sale took: a merchant counted it away", () => {
    expect(shortfallOf(7, [sale("a", 2, 1)], 50)).toMatchObject({ sales: [{ short: 2 }], unexplained: 5 });
  });

  it("are named up to a number, and the rest is said as units", () => {
    expect(shortfallOf(3, [sale("a", 1, 1), sale("b", 1, 2), sale("c", 1, 3)], 2)).toMatchObject({
      sales: [{ id: "c" }, { id: "b" }],
      unexplained: 1,
    });
  });

  it("cover exactly the missing units, none beyond its own, none older while a newer one has units left", () => {
    const sales = fc.array(fc.record({ units: fc.nat(5), atMs: fc.nat(20) }), { maxLength: 12 });
    fc.assert(
      fc.property(fc.nat(30), sales, (missing, given) => {
        const all = given.map(({ units, atMs }, i) => sale(`s${i}`, units, atMs));
        const { sales: short, unexplained } = shortfallOf(missing, all, 50);
        expect(short.reduce((sum, each) => sum + each.short, unexplained)).toBe(missing);
        for (const each of short) expect(each.short).toBeLessThanOrEqual(each.units);
        for (const each of short.slice(0, -1)) expect(each.short).toBe(each.units);
        const oldest = short.at(-1)?.atMs ?? Number.POSITIVE_INFINITY;
        const named = new Set(short.map(({ id }) => id));
        const passedOver = all.filter(({ id, units, atMs }) => units > 0 && atMs > oldest && !named.has(id));
        expect(short.length === 0 ? [] : passedOver).toEqual([]);
      }),
    );
  });
});

const movement = (given: Partial<SaleMovement> & Pick<SaleMovement, "kind">): SaleMovement => ({
  ...{ key: "k", reference: null, channel: "till", delta: 0, committed: 0, atMs: 1 },
  ...given,
});

describe("own sales that are still owed", () => {
  it("leave out what was shipped or cancelled under the same reference", () => {
    const newestFirst = [
      movement({ kind: "shipment", reference: "A", committed: -2 }),
      movement({ kind: "cancellation", reference: "B", delta: 1, committed: -1 }),
      movement({ kind: "sale", key: "b", reference: "B", delta: -3, committed: 3 }),
      movement({ kind: "sale", key: "a", reference: "A", delta: -2, committed: 2 }),
      movement({ kind: "commit", key: "c", reference: "R", delta: 0, committed: 4 }),
    ];
    expect(ownSales(newestFirst).map(({ id, units }) => [id, units])).toEqual([
      ["b", 2],
      ["c", 4],
    ]);
  });

  it("keep a sale without a reference whole: what ends it cannot be told from another's end", () => {
    const newestFirst = [movement({ kind: "shipment", committed: -1 }), movement({ kind: "sale", delta: -1 })];
    expect(ownSales(newestFirst)).toMatchObject([{ units: 1 }]);
  });
});
