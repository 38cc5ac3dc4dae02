import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Bundle, faultOfEdit, flatten } from "../../../../src/domain/bundle/bundle.ts";
import { bundleViewOf, unitsOfBundle } from "../../../../src/domain/bundle/bundle-levels.ts";
import { explode, type SoldAs } from "../../../../src/domain/bundle/explode.ts";
import { fromStore, type LocationId, type Sku, type SkuId } from "../../../../src/domain/ids.ts";
import type { LevelsView, LocationView } from "../../../../src/domain/levels-view.ts";

const LIMITS = { componentsMax: 3, quantityMax: 100 };
const sku = (name: string) => fromStore<Sku>(name);
const stocked = (name: string, quantity: number) =>
  ({ kind: "stocked", skuId: fromStore<SkuId>(`id-${name}`), sku: sku(name), quantity }) as const;
const nested = (name: string, quantity: number) => ({ kind: "bundle", sku: sku(name), quantity }) as const;
const bundlesOf = (...bundles: readonly (readonly [string, number, Bundle["components"]])[]) =>
  new Map(bundles.map(([name, revision, components]) => [sku(name), { sku: sku(name), revision, components }]));

const view = (name: string, levels: Readonly<Record<string, number>>, version = 1): LevelsView => {
  const locations = Object.entries(levels).map(([id, units]): LocationView => {
    const rest = { reserved: 0, committed: 0, damaged: 0, safetyStock: 0, ledger: units, doubt: 0, anticipated: 0 };
    return { locationId: fromStore(id), available: units, floor: units, onHand: units, ...rest };
  });
  const total = locations.reduce((sum, { floor }) => sum + floor, 0);
  const states = { reserved: 0, committed: 0, damaged: 0, safetyStock: 0 };
  return {
    ...{ sku: sku(name), skuId: fromStore<SkuId>(`id-${name}`), version, available: total, floor: total, ...states },
    ...{ onHand: total, locations, asOf: "2026-11-01T00:00:00.000Z" },
  };
};

describe("a nested bundle", () => {
  it("is resolved to what it takes from stock, each SKU once, under the revisions of all that are in it", () => {
    const bundles = bundlesOf(
      ["BOX", 2, [nested("SET", 3), stocked("CUP", 1)]],
      ["SET", 5, [stocked("CUP", 2), stocked("LID", 1)]],
    );
    expect(flatten(sku("BOX"), bundles, LIMITS)).toEqual({
      ok: true,
      value: {
        sku: "BOX",
        revision: 7,
        components: [
          { skuId: "id-CUP", sku: "CUP", quantity: 7 },
          { skuId: "id-LID", sku: "LID", quantity: 3 },
        ],
      },
    });
  });

  it.each([
    [
      "a circle",
      [
        ["A", 0, [nested("B", 1)]],
        ["B", 0, [nested("A", 1)]],
      ],
      "cycle",
      "A > B > A",
    ],
    [
      "a circle below it",
      [
        ["A", 0, [nested("B", 1)]],
        ["B", 0, [nested("B", 1)]],
      ],
      "cycle",
      "A > B > B",
    ],
    [
      "nobody's SKU",
      [
        ["A", 0, [nested("B", 1)]],
        ["B", 0, [nested("X", 1)]],
      ],
      "unknown_component",
      "A > B > X",
    ],
    [
      "too many units",
      [
        ["A", 0, [nested("B", 11)]],
        ["B", 0, [stocked("S", 10)]],
      ],
      "too_large",
      "A > B > S",
    ],
    ["too many units in sum", [["A", 0, [stocked("S", 60), stocked("S", 60)]]], "too_large", "A > S"],
    ["too many SKUs", [["A", 0, "abcd".split("").map((name) => stocked(name, 1))]], "too_many", "A"],
  ] as const)("is refused with the path to %s", (_, given, kind, path) => {
    const flat = flatten(
      sku("A"),
      bundlesOf(...(given as unknown as [string, number, Bundle["components"]][])),
      LIMITS,
    );
    expect(flat.ok ? null : [flat.error.kind, flat.error.path.join(" > ")]).toEqual([kind, path]);
  });

  it("may be edited only so that every bundle above it stays whole", () => {
    const above = bundlesOf(["A", 0, [nested("B", 1), stocked("S", 1)]], ["B", 0, [stocked("T", 1)]]);
    const edited = (components: Bundle["components"]) =>
      faultOfEdit({ sku: sku("B"), revision: 1, components }, above, LIMITS);
    expect(edited([stocked("T", 1), stocked("U", 1)])).toBeNull();
    expect(edited([stocked("T", 1), stocked("U", 1), stocked("V", 1)])).toMatchObject({
      kind: "too_many",
      path: ["A"],
    });
    expect(edited([nested("A", 1)])).toMatchObject({ kind: "cycle", path: ["B", "A", "B"] });
  });
});

describe("units of a bundle", () => {
  const places = ["p", "q", "r"];
  const levels = fc.dictionary(fc.constantFrom(...places), fc.integer({ min: -5, max: 30 }), { maxKeys: 3 });
  const parts = fc.array(fc.record({ quantity: fc.integer({ min: 1, max: 4 }), levels }), {
    minLength: 1,
    maxLength: 4,
  });
  const unitsOf = (given: Readonly<Record<string, number>>) => ({
    total: Object.values(given).reduce((sum, n) => sum + n, 0),
    locations: new Map(Object.entries(given).map(([place, n]) => [fromStore<LocationId>(place), n])),
  });

  it("are never more than any component bears, at a location or in all, and one more never could be taken", () => {
    fc.assert(
      fc.property(parts, (given) => {
        const { total, locations } = unitsOfBundle(
          given.map(({ quantity, levels: its }) => ({ quantity, units: unitsOf(its) })),
        );
        for (const place of places) {
          const all = given.every(({ levels: its }) => place in its);
          const shown = locations.get(fromStore(place));
          expect(shown !== undefined).toBe(all);
          if (shown === undefined) continue;
          const bears = (n: number) => given.every(({ quantity, levels: its }) => n * quantity <= (its[place] ?? 0));
          expect(shown === 0 || bears(shown)).toBe(true);
          expect(bears(shown + 1)).toBe(false);
        }
        const inAll = (n: number) => given.every(({ quantity, levels: its }) => n * quantity <= unitsOf(its).total);
        expect(total === 0 || inAll(total)).toBe(true);
        expect(total).toBeLessThanOrEqual(Array.from(locations.values()).reduce((sum, n) => sum + n, 0));
      }),
    );
  });

  it("are known only when every component is, and their version rises with each of theirs and with an edit", () => {
    const flat = (revision: number) => ({
      ...{ sku: sku("SET"), revision },
      components: [stocked("CUP", 2), stocked("LID", 1)],
    });
    const views = (...given: readonly LevelsView[]) => new Map(given.map((one) => [one.skuId, one]));
    expect(bundleViewOf(flat(0), views(view("CUP", { p: 9 })))).toBeNull();
    const versions = [
      bundleViewOf(flat(0), views(view("CUP", { p: 9 }, 4), view("LID", { p: 3 }, 7)))?.version,
      bundleViewOf(flat(0), views(view("CUP", { p: 7 }, 5), view("LID", { p: 3 }, 7)))?.version,
      bundleViewOf(flat(1), views(view("CUP", { p: 7 }, 1), view("LID", { p: 3 }, 1)))?.version,
    ];
    expect(versions).toEqual([11, 12, 1_000_000_002]);
  });
});

describe("lines that are sold", () => {
  const set: SoldAs = {
    kind: "bundle",
    bundle: { sku: sku("SET"), revision: 0, components: [stocked("CUP", 2), stocked("LID", 1)] },
  };
  const soldAs = new Map<Sku, SoldAs>([
    [sku("SET"), set],
    [sku("CUP"), { kind: "stocked", skuId: fromStore("id-CUP") }],
    [sku("SIX"), { kind: "bundle", bundle: { sku: sku("SIX"), revision: 0, components: [stocked("CUP", 6)] } }],
  ]);
  const line = (name: string, quantity: number, at: string | null = null) => ({
    ...{ sku: sku(name), quantity },
    locationId: at === null ? null : fromStore<LocationId>(at),
  });
  const views = (cup: Readonly<Record<string, number>>, lid: Readonly<Record<string, number>>) =>
    new Map([view("CUP", cup), view("LID", lid)].map((one) => [one.skuId, one]));
  const partsOf = ({ members }: ReturnType<typeof explode>) =>
    members.flatMap(({ sku: its, parts }) =>
      parts.map(({ line: at, quantity, locationId }) => `${at}: ${quantity} ${its} ${locationId ?? "anywhere"}`),
    );
  const none = new Set<LocationId>();

  it("take a bundle whole at the first location that has all of it, with what the lines before left there", () => {
    const there = views({ p: 4, q: 9 }, { p: 2, q: 5 });
    expect(partsOf(explode([line("SET", 2), line("SET", 1)], soldAs, there, none))).toEqual([
      "0: 4 CUP p",
      "1: 2 CUP q",
      "0: 2 LID p",
      "1: 1 LID q",
    ]);
  });

  it("leave the place of a stocked SKU, and of a bundle of one, to its counter; a named place is kept", () => {
    const lines = [line("CUP", 1), line("SIX", 2), line("SET", 1, "q")];
    expect(partsOf(explode(lines, soldAs, new Map(), none))).toEqual([
      "0: 1 CUP anywhere",
      "1: 12 CUP anywhere",
      "2: 2 CUP q",
      "2: 1 LID q",
    ]);
  });

  it("that no place can bear go to the one that bears most; without a place in common they are nowhere", () => {
    expect(partsOf(explode([line("SET", 9)], soldAs, views({ p: 4, q: 9 }, { p: 2, q: 5 }), none))[0]).toBe(
      "0: 18 CUP q",
    );
    expect(explode([line("SET", 1)], soldAs, views({ p: 4 }, { q: 5 }), none)).toEqual({ members: [], nowhere: [0] });
  });

  it("never fall to a closed location by themselves", () => {
    const closed = new Set([fromStore<LocationId>("p")]);
    expect(partsOf(explode([line("SET", 1)], soldAs, views({ p: 9, q: 2 }, { p: 9, q: 1 }), closed))[0]).toBe(
      "0: 2 CUP q",
    );
  });
});
