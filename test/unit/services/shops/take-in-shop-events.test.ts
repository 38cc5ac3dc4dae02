/** All of a shop's events in one batch: what moves stock waits for nobody, an edit is completed, news of the catalogue is taken. */
import { expect, it } from "vitest";
import type { CounterEvent } from "../../../../src/domain/counter/counter-event.ts";
import { fromStore, listingIdOf, type ShopDomain } from "../../../../src/domain/ids.ts";
import type { OrderEditEvent, ShopEvent } from "../../../../src/domain/shop-event.ts";
import type { Catalogue } from "../../../../src/services/catalogue.ts";
import type { Counters } from "../../../../src/services/counter-contract.ts";
import type { OrderLineSource } from "../../../../src/services/read-order-edit.ts";
import { takeInShopEvents } from "../../../../src/services/take-in-shop-events.ts";
import { noShopNews } from "../../../support/shops/no-shop-news.ts";

const SHOP = fromStore<ShopDomain>("a.myshopify.com");
const CUP = {
  kind: "active",
  skuId: fromStore("id-1"),
  sku: fromStore("CUP"),
  listingId: listingIdOf(SHOP, fromStore("1")),
} as const;
const catalogue = {
  resolve: async () => ({
    variants: new Map([["41", CUP]]),
    items: new Map([["1", CUP]]),
    skus: new Map(),
    fault: null,
  }),
  locationsOf: async () => ({ locations: new Map([["61", "6"]]), fault: null }),
} as unknown as Catalogue;

const edit: OrderEditEvent = {
  ...{ kind: "order_edit", editId: "71", orderId: "11", atMs: 8 },
  ...{ added: [{ lineId: "32", quantity: 1 }], removed: [{ lineId: "31", quantity: 2 }] },
};
const level: ShopEvent = { kind: "level", item: fromStore("1"), location: fromStore("61"), available: 4, atMs: 9 };

const line = (lineId: string, variantId: string | null) => ({
  ...{ lineId, variantId: variantId === null ? null : fromStore<never>(variantId), sku: null, skip: null },
});

async function run(events: readonly ShopEvent[], linesOf: OrderLineSource["linesOf"]) {
  const told: CounterEvent[] = [];
  const counters = {
    of: () => ({
      apply: async (given: readonly CounterEvent[]) => {
        told.push(...given);
        return { kind: "applied", outcomes: given.map(() => ({ kind: "noted" })), view: {} };
      },
    }),
  } as unknown as Counters;
  const incoming = events.map((event) => ({ shop: SHOP, correlationId: fromStore<never>("c"), eventId: "e", event }));
  const edits = { orderLinesOf: () => ({ linesOf }) };
  const deps = { ...noShopNews, edits, catalogue, counters, callsMax: 9, callMsMax: 1_000, mirror: () => undefined };
  const { verdicts } = await takeInShopEvents(incoming, deps);
  return { verdicts, told };
}

it("asks Shopify what the lines of an edit are, and reserves what was added", async () => {
  const { verdicts, told } = await run([edit], async (orderId) => {
    expect(orderId).toBe("11");
    return { kind: "ok", value: [line("31", "41"), line("32", "41"), line("33", "41")] };
  });
  expect(verdicts).toEqual([{ kind: "done" }]);
  expect(told).toEqual([
    { kind: "audit", listingId: CUP.listingId }, // of line 31, which lost units
    expect.objectContaining({ kind: "hint", id: "edit/71/32", quantity: -1 }),
  ]);
});

it("lets an edit wait while Shopify is not asked, spending no try, and counts the levels beside it at once", async () => {
  const { verdicts, told } = await run([edit, level], async () => ({
    kind: "later",
    afterMs: 1_000,
    reason: "pacing",
  }));
  expect(verdicts).toEqual([{ kind: "later", afterMs: 1_000, reason: "Shopify: pacing" }, { kind: "done" }]);
  expect(told.map(({ kind }) => kind)).toEqual(["snapshot"]);
});

it("tries an edit again that Shopify refuses, or that fails on its way", async () => {
  const refused = await run([edit], async () => ({ kind: "refused", code: "ACCESS_DENIED", message: "no scope" }));
  expect(refused.verdicts).toEqual([{ kind: "retry", code: "shopify", reason: "Shopify: ACCESS_DENIED: no scope" }]);
  const failed = await run([edit], async () => Promise.reject(new Error("the gate is away")));
  expect(failed.verdicts).toMatchObject([{ kind: "retry", reason: "Error: the gate is away" }]);
});

it("keeps an edit as it came where one of its variants is not known: a replay asks anew", async () => {
  const { verdicts } = await run([edit], async () => ({ kind: "ok", value: [line("32", "99")] }));
  expect(verdicts).toMatchObject([{ kind: "dead", code: "unknown_variant", rest: edit }]);
});

it("takes an edit of an order that Shopify does not know any more for done", async () => {
  expect((await run([edit], async () => ({ kind: "ok", value: [] }))).verdicts).toEqual([{ kind: "done" }]);
});
