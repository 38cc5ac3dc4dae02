import { describe, expect, it } from "vitest";
import type { CounterEvent, EventOutcome } from "../../../src/domain/counter/counter-event.ts";
import {
  fromStore,
  type InventoryItemId,
  listingIdOf,
  type ShopDomain,
  type ShopLocationId,
  type SkuId,
  type VariantId,
} from "../../../src/domain/ids.ts";
import type { LevelsView } from "../../../src/domain/levels-view.ts";
import type { LevelEvent, OrderEvent, OrderLine, StockEvent } from "../../../src/domain/shop-event.ts";
import type { Catalogue, CatalogueFault, CatalogueQuery, Listing } from "../../../src/services/catalogue.ts";
import type { Counters } from "../../../src/services/counter-contract.ts";
import { type IncomingEvent, takeInEvents } from "../../../src/services/take-in-events.ts";

const SHOP = fromStore<ShopDomain>("a.myshopify.com");
const HERE = fromStore<ShopLocationId>("11");

const listing = (id: string): Listing => ({
  kind: "active",
  skuId: fromStore<SkuId>(`id-${id}`),
  sku: fromStore(`SKU-${id}`),
  listingId: listingIdOf(SHOP, fromStore<InventoryItemId>(id)),
});

/** Knows variants and items 1 … 999 and location 11, as far as `fault` lets it be asked. */
function catalogueOf(fault: CatalogueFault = null): Catalogue & { readonly queries: CatalogueQuery[] } {
  const queries: CatalogueQuery[] = [];
  const found = <Id extends string>(ids: ReadonlySet<Id>) =>
    new Map([...ids].filter((id) => /^\d{1,3}$/.test(id)).map((id) => [id, listing(id)]));
  const answer = ({ variants, items }: CatalogueQuery) => ({
    variants: found(variants),
    items: found(items),
    skus: new Map(),
    fault,
  });
  return {
    queries,
    remembered: answer,
    resolve: async (query) => {
      queries.push(query);
      return answer(query);
    },
    locationsOf: async () => ({ locations: new Map([[HERE, fromStore("11")]]), fault }),
    connectable: async () => null,
    skuIds: async () => ({ skuIds: new Map(), fault }),
  };
}

type Told = { readonly skuId: string; readonly events: readonly CounterEvent[] };

/** Counters that note what they are told; `answer` may fail for one of them. */
function countersOf(answer: (skuId: string) => Promise<EventOutcome["kind"]> = async () => "noted") {
  const told: Told[] = [];
  let atOnce = 0;
  const seen = { told, atOnceMax: 0 };
  const counters = {
    of: (skuId: SkuId) => ({
      apply: async (events: readonly CounterEvent[]) => {
        told.push({ skuId, events });
        atOnce += 1;
        seen.atOnceMax = Math.max(seen.atOnceMax, atOnce);
        await Promise.resolve();
        atOnce -= 1;
        const kind = await answer(skuId);
        if (kind === ("not_connected" as string)) return { kind };
        return { kind: "applied", outcomes: events.map(() => ({ kind })), view: { skuId } as unknown as LevelsView };
      },
    }),
  } as unknown as Counters;
  return { counters, seen };
}

const line = (lineId: string, variant: string, given: Partial<OrderLine> = {}): OrderLine => ({
  lineId,
  variantId: fromStore<VariantId>(variant),
  sku: null,
  quantity: 1,
  fulfilled: false,
  skip: null,
  ...given,
});
const order = (orderId: string, ...lines: readonly OrderLine[]): OrderEvent => ({
  kind: "order",
  topic: "orders/create",
  orderId,
  createdAtMs: 5,
  location: null,
  lines,
  restocks: [],
});
const level = (item: string, location: string): LevelEvent => ({
  kind: "level",
  item: fromStore(item),
  location: fromStore(location),
  available: 4,
  atMs: 3,
});
const incoming = (...events: readonly StockEvent[]): readonly IncomingEvent[] =>
  events.map((event) => ({ shop: SHOP, correlationId: fromStore("c"), event }));

const run = (
  events: readonly StockEvent[],
  { counters }: { readonly counters: Counters },
  given: { readonly catalogue?: Catalogue; readonly callsMax?: number; readonly callMsMax?: number } = {},
) =>
  takeInEvents(incoming(...events), { catalogue: catalogueOf(), counters, callsMax: 200, callMsMax: 1_000, ...given });

describe("takeInEvents", () => {
  it("says of each event how it counted: a line anew, all of it before, or nothing that moves stock of ours", async () => {
    const answers: Readonly<Record<string, string>> = { "id-1": "noted", "id-2": "known", "id-3": "unknown_level" };
    const world = countersOf(async (skuId) => (answers[skuId] ?? "noted") as never);
    const events = [
      order("a", line("1", "1"), line("2", "2")),
      order("b", line("3", "2")),
      order("c", line("4", "1", { quantity: 0, skip: "not_stocked" as never })),
      order("d", line("5", "3")),
    ];
    const { accounts } = await run(events, world);
    expect(accounts).toEqual([
      { outcome: "counted", skuIds: ["id-1", "id-2"] },
      { outcome: "duplicate", skuIds: ["id-2"] },
      { outcome: "nothing_new", skuIds: [] },
      { outcome: "nothing_new", skuIds: ["id-3"] },
    ]);
  });

  it("makes one call per SKU of a batch, lines unsummed", async () => {
    const world = countersOf();
    const { verdicts, views } = await run(
      [order("a", line("1", "1"), line("2", "2")), order("b", line("3", "1"))],
      world,
    );
    expect(world.seen.told.map(({ skuId, events }) => [skuId, events.length])).toEqual([
      ["id-1", 2],
      ["id-2", 1],
    ]);
    expect([verdicts, views.length]).toEqual([[{ kind: "done" }, { kind: "done" }], 2]);
  });

  it("retries the events of a counter that failed, and of one that never answers, and no others", async () => {
    const world = countersOf(async (skuId) => {
      if (skuId === "id-1") throw new Error("overloaded");
      return skuId === "id-2" ? new Promise<never>(() => {}) : "noted";
    });
    const events = [order("a", line("1", "1")), order("b", line("2", "2")), order("c", line("3", "3"))];
    const { verdicts, views } = await run(events, world, { callMsMax: 20 });
    expect(verdicts).toEqual([
      { kind: "retry", code: "counter", reason: "counter id-1: Error: overloaded" },
      { kind: "retry", code: "counter", reason: expect.stringContaining("counter id-2: TimeoutError") },
      { kind: "done" },
    ]);
    expect(views).toHaveLength(1);
  });

  it("waits for an import that is under way", async () => {
    const notYet = await run(
      [order("a", line("1", "1"))],
      countersOf(async () => "not_connected" as "noted"),
    );
    expect(notYet.verdicts).toEqual([
      { kind: "retry", code: "not_connected", reason: "counter id-1 is not connected yet" },
    ]);
    const listingUnknown = await run(
      [order("a", line("1", "1"))],
      countersOf(async () => "unknown_listing"),
    );
    expect(listingUnknown.verdicts).toMatchObject([{ kind: "retry" }]);
  });

  it("calls no more counters at once than it may", async () => {
    const world = countersOf();
    const lines = Array.from({ length: 40 }, (_, i) => line(`${i}`, `${i + 1}`));
    await run([order("a", ...lines)], world, { callsMax: 7 });
    expect([world.seen.told.length, world.seen.atOnceMax]).toEqual([40, 7]);
  });

  it("names each unknown thing once, however many lines name it", async () => {
    const lines = ["1", "2", "3"].map((id) => line(id, "99999", { sku: "GONE" }));
    const { verdicts } = await run([order("a", ...lines)], countersOf());
    expect(verdicts).toMatchObject([{ code: "unknown_variant", subject: "variant 99999 (SKU GONE)" }]);
  });

  it("asks by SKU only when a variant is unknown", async () => {
    const catalogue = catalogueOf();
    await run([order("a", line("1", "1", { sku: "TEXT" }))], countersOf(), { catalogue });
    await run([order("b", line("1", "99999", { sku: "TEXT" }))], countersOf(), { catalogue });
    expect(catalogue.queries.map(({ skus }) => [...skus])).toEqual([[], [], ["TEXT"]]);
  });

  it("says of no line that it is unknown while the catalogue is away, and counts what it still knows", async () => {
    const world = countersOf();
    const events = [order("a", line("1", "1")), order("b", line("2", "1"), line("3", "99999"))];
    const { verdicts, counts } = await run(events, world, { catalogue: catalogueOf("catalogue: away") });
    expect(verdicts).toEqual([{ kind: "done" }, { kind: "retry", code: "catalogue", reason: "catalogue: away" }]);
    expect([counts["noted"], counts["not_asked"], counts["unknown_variant"]]).toEqual([2, 1, undefined]);
  });

  it("names item and location of a level that another listing supplies, and keeps it", async () => {
    const event = level("7", "11");
    const { verdicts } = await run(
      [event],
      countersOf(async () => "unknown_level"),
    );
    expect(verdicts).toMatchObject([
      { kind: "dead", code: "unknown_level", subject: `inventory item 7 of ${SHOP} at location 11`, rest: event },
    ]);
  });

  it("loses no line of an order of which one is stray and another unknown", async () => {
    const event = order("a", line("1", "1"), line("2", "99999"));
    const { verdicts } = await run(
      [event],
      countersOf(async () => "unknown_level"),
    );
    expect(verdicts).toMatchObject([{ kind: "dead", code: "unknown_variant", rest: event }]);
  });
});
