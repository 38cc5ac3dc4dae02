import { describe, expect, it } from "vitest";
import { fromStore, listingIdOf, type ShopDomain, type VariantId } from "../../../src/domain/ids.ts";
import type { LevelsView } from "../../../src/domain/levels-view.ts";
import type { OrderEvent } from "../../../src/domain/shop-event.ts";
import { type ConsumeEventsDeps, consumeEvents } from "../../../src/queues/consume-events.ts";
import { specOf } from "../../../src/queues/queue-table.ts";
import type { Catalogue, CatalogueAnswer, CatalogueQuery, Listing } from "../../../src/services/catalogue.ts";
import type { Counters } from "../../../src/services/counter-contract.ts";
import { NO_CHANNELS } from "../../support/channels/no-channels.ts";
import { envelopeOf, fakeBatch, settleDeps } from "../../support/queues/fake-queue.ts";
import { noShopNews } from "../../support/shops/no-shop-news.ts";

const SHOP = fromStore<ShopDomain>("a.myshopify.com");
const spec = specOf("onhand-events");
if (spec === undefined) throw new Error("no such queue");
const TRIES_MAX = 8;

const order = (orderId: string, ...variants: readonly string[]): OrderEvent => ({
  kind: "order",
  topic: "orders/create",
  orderId,
  createdAtMs: 5,
  location: null,
  lines: variants.map((variant, i) => ({
    ...{
      lineId: `${i}`,
      variantId: fromStore<VariantId>(variant),
      sku: null,
      quantity: 1,
      fulfilled: false,
      skip: null,
    },
  })),
  restocks: [],
});

const active = (id: VariantId): Listing => ({
  kind: "active",
  skuId: fromStore(id),
  sku: fromStore(id),
  listingId: listingIdOf(SHOP, fromStore(id)),
});

/** Knows every variant of one digit. */
const answer = ({ variants }: CatalogueQuery): CatalogueAnswer => ({
  variants: new Map([...variants].filter((id) => id.length === 1).map((id) => [id, active(id)])),
  items: new Map(),
  skus: new Map(),
  fault: null,
});
const catalogue: Catalogue = {
  remembered: answer,
  resolve: async (query) => answer(query),
  locationsOf: async () => ({ locations: new Map(), fault: null }),
  connectable: async () => null,
  skuIds: async () => ({ skuIds: new Map(), fault: null }),
};

function world(
  given: { readonly keeps?: boolean; readonly isQueueAway?: boolean; readonly isFulfilmentAway?: boolean } = {},
  mirror?: "written",
) {
  const settle = settleDeps(given);
  const calls: string[] = [];
  const mirrored: LevelsView[] = [];
  const again: unknown[] = [];
  const fulfillersTold: string[] = [];
  const counters = {
    of: (skuId: string) => ({
      apply: async (events: readonly unknown[]) => {
        calls.push(skuId);
        if (skuId === "8") throw new Error("overloaded");
        if (skuId === "6") throw new Error(`${"a".repeat(70)} jane.doe@example.com shpat_0123456789abcdef`);
        if (skuId === "9") return { kind: "not_connected" };
        const kind = skuId === "7" ? "known" : "noted";
        return { kind: "applied", outcomes: events.map(() => ({ kind })), view: { skuId } };
      },
    }),
  } as unknown as Counters;
  const deps: ConsumeEventsDeps = {
    ...settle.deps,
    ...noShopNews,
    edits: { orderLinesOf: () => ({ linesOf: async () => ({ kind: "later", afterMs: 30_000, reason: "HTTP_503" }) }) },
    tellingFulfillers:
      () =>
      async ({ eventId }) => {
        if (given.isFulfilmentAway === true) throw new Error("Too Many Requests");
        fulfillersTold.push(eventId);
      },
    async sendAgain(queue, body, delaySeconds) {
      if (given.isQueueAway === true) throw new Error("Too Many Requests");
      again.push({ queue, body, delaySeconds });
    },
    ...{ catalogue, counters, callsMax: 200, callMsMax: 1_000, channels: NO_CHANNELS },
    mirror(views) {
      mirrored.push(...views);
      return mirror === undefined ? undefined : Promise.resolve({ kind: mirror, written: views.length, stale: 0 });
    },
  };
  const consume = async (...messages: readonly { id: string; body: unknown; attempts?: number }[]) => {
    const { batch, settled } = fakeBatch("onhand-events", messages);
    await consumeEvents(batch, spec as NonNullable<typeof spec>, deps);
    return settled;
  };
  return { ...settle, calls, mirrored, again, fulfillersTold, consume };
}

const message = (id: string, event: OrderEvent, attempts = 1) => ({ id, body: envelopeOf(id, event), attempts });

describe("the event consumer", () => {
  it("tells those who send it out of an order once it has counted, and acknowledges it only then", async () => {
    const well = world();
    expect(await well.consume(message("a", order("1", "1")))).toEqual([{ id: "a", how: "acked" }]);
    expect(well.fulfillersTold).toEqual(["a"]);
    const away = world({ isFulfilmentAway: true });
    expect(await away.consume(message("a", order("1", "1")))).toEqual([{ id: "a", how: "retried", delaySeconds: 1 }]);
    expect(away.calls).toEqual(["1"]);
  });

  it("tells nobody of an order that has not counted yet", async () => {
    const { consume, fulfillersTold } = world();
    await consume(message("throws", order("2", "8")));
    expect(fulfillersTold).toEqual([]);
  });

  it("settles each message by name when one counter throws and another is not there: one call per SKU", async () => {
    const { consume, calls, mirrored } = world();
    const settled = await consume(
      message("well", order("1", "1", "2")),
      message("throws", order("2", "1", "8")),
      message("absent", order("3", "9")),
    );
    expect(settled.toSorted((a, b) => a.id.localeCompare(b.id))).toEqual([
      { id: "absent", how: "retried", delaySeconds: 1 },
      { id: "throws", how: "retried", delaySeconds: 1 },
      { id: "well", how: "acked" },
    ]);
    expect([calls.toSorted(), mirrored.length]).toEqual([["1", "2", "8", "9"], 2]);
  });

  it("buries what it cannot read at once, and what names an unknown variant, cut down to that", async () => {
    const { consume, buried } = world();
    const settled = await consume({ id: "poison", body: { v: 7 } }, message("half", order("1", "1", "777")));
    expect(settled.map(({ how }) => how)).toEqual(["acked", "acked"]);
    expect(buried).toMatchObject([
      { code: "unreadable", messageId: "poison", payload: { v: 7 } },
      {
        code: "unknown_variant",
        subject: "variant 777",
        payload: { id: "half", data: { lines: [{ variantId: "777" }] } },
      },
    ]);
  });

  it("lets what must ask Shopify wait through an outage of any length, without a try spent", async () => {
    const edit = envelopeOf("edit", {
      ...{ kind: "order_edit", editId: "71", orderId: "11", atMs: 8 },
      ...{ added: [{ lineId: "32", quantity: 1 }], removed: [] },
    });
    const open = world();
    // Its last try: an hour of an open breaker used to make a dead letter of it.
    expect(await open.consume({ id: "edit", body: edit, attempts: TRIES_MAX + 1 })).toEqual([
      { id: "edit", how: "acked" },
    ]);
    expect(open.again).toEqual([{ queue: "onhand-events", body: edit, delaySeconds: 30 }]);
    expect(open.journalled).toMatchObject([{ eventId: "edit", outcome: "postponed", code: "Shopify: HTTP_503" }]);
    expect(open.buried).toEqual([]);
    const refused = world({ isQueueAway: true });
    expect(await refused.consume({ id: "edit", body: edit })).toMatchObject([{ how: "retried" }]);
    expect(refused.journalled).toMatchObject([{ outcome: "retried" }]);
  });

  it("tries again what it could not bury, rather than lose it", async () => {
    const { consume } = world({ keeps: false });
    expect(await consume(message("half", order("1", "777")))).toEqual([
      { id: "half", how: "retried", delaySeconds: 1 },
    ]);
  });

  it("writes the reason down before the last delivery, which may be cut off, and buries with it at the last", async () => {
    const { consume, noted, buried } = world();
    await consume(message("a", order("1", "8"), TRIES_MAX - 1));
    expect(noted).toEqual([]);
    await consume(message("a", order("1", "8"), TRIES_MAX));
    expect(noted).toEqual([
      {
        queue: "onhand-events",
        eventId: "a",
        error: { code: "retried", message: "counter 8: Error: overloaded", atMs: 1_000, attempt: TRIES_MAX },
      },
    ]);
    expect(await consume(message("a", order("1", "8"), TRIES_MAX + 1))).toEqual([{ id: "a", how: "acked" }]);
    expect(buried).toMatchObject([{ code: "counter_away", message: "counter 8: Error: overloaded", attempts: 9 }]);
  });

  it("journals one entry per message, with what became of it and of its levels", async () => {
    const { consume, journalled } = world({}, "written");
    await consume(
      message("well", order("1", "1")),
      message("half", order("2", "777")),
      message("throws", order("3", "8"), 2),
      message("over", order("4", "8"), TRIES_MAX + 1),
      { id: "poison", body: { v: 7 } },
    );
    await Promise.resolve();
    const about = { atMs: 1_000, step: "consumed", topic: "orders/create", shop: SHOP, ms: 400 };
    const mirrored = { outcome: "written", atMs: 1_000 };
    expect(journalled).toEqual([
      {
        ...{ atMs: 1_000, step: "consumed", topic: "unreadable", shop: null, outcome: "dead", code: "unreadable" },
        ...{ correlationId: "poison", eventId: "poison" },
      },
      { ...about, correlationId: "correlation-well", eventId: "well", skuIds: ["1"], outcome: "counted", mirrored },
      { ...about, correlationId: "correlation-half", eventId: "half", outcome: "dead", code: "unknown_variant" },
      {
        ...{ ...about, correlationId: "correlation-throws", eventId: "throws", skuIds: ["8"], mirrored },
        ...{ outcome: "retried", code: "try 2: counter 8: Error: overloaded" },
      },
      {
        ...{ ...about, correlationId: "correlation-over", eventId: "over", skuIds: ["8"], mirrored },
        ...{ outcome: "dead", code: "counter_away" },
      },
    ]);
  });

  it("journals a retry's reason without persons and secrets, not even the half of one", async () => {
    const { consume, journalled } = world();
    await consume(message("names", order("1", "6")));
    // The letter and the log had it masked; here it was only cut, and stood in plain text.
    expect(journalled).toMatchObject([{ outcome: "retried", code: expect.stringContaining("[email] [secret]") }]);
    expect(JSON.stringify(journalled)).not.toMatch(/jane|example|shpat|0123/);
  });

  it("counts each event by topic and outcome, and times those that counted from their receipt", async () => {
    const { consume, tally } = world();
    await consume(
      message("new", order("1", "1")),
      message("known", order("2", "7")),
      message("half", order("3", "777")),
      message("late", order("4", "8")),
      message("last", order("5", "8"), TRIES_MAX + 1),
      { id: "poison", body: { v: 7 } },
    );
    const topic = "orders/create";
    const { counters, histograms } = tally.take(1_000);
    const risen = (name: string) =>
      counters.filter((each) => each.name === name).map(({ labels, by }) => ({ ...labels, by }));
    expect(risen("onhand_events_consumed_total")).toEqual([
      { topic: "unreadable", outcome: "dead", by: 1 },
      { topic, outcome: "counted", by: 1 },
      { topic, outcome: "duplicate", by: 1 },
      { topic, outcome: "dead", by: 2 },
      { topic, outcome: "retried", by: 1 },
    ]);
    expect(risen("onhand_events_duplicate_total")).toEqual([{ topic, by: 1 }]);
    expect(risen("onhand_message_retried_total")).toEqual([{ queue: "onhand-events", code: "counter", by: 1 }]);
    // Received at 600 ms, counted at 1,000.
    expect(histograms).toMatchObject([{ name: "onhand_event_to_counted_seconds", labels: { topic }, sum: 0.4 }]);
  });

  it("says in one line what became of a batch", async () => {
    const { consume, logged } = world();
    await consume(message("a", order("1", "1")), message("b", order("2", "777")));
    const lines = logged.filter(({ event }) => event === "events.consumed");
    expect(lines).toMatchObject([{ counts: { messages: 2, skus: 1, noted: 1, unknown_variant: 1 } }]);
  });
});
