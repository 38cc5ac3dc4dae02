/** What a warehouse is to send out and to buy: whatever breaks on the way to it, each order leaves once, and none leaves that was cancelled. */
import { describe, expect, it, onTestFinished } from "vitest";
import { MARKETPLACE, WMS } from "../../dev/demo/day/day.ts";
import { broken } from "./support/broken.ts";
import { replay, untilDead, untilSettled } from "./support/replays.ts";
import { type Trading, tradingWorld } from "./support/trading.ts";
import { waitUntil } from "./support/wait-until.ts";

const world = tradingWorld({ seed: 94, skus: 24 });

const TOLD_MS_MAX = 30_000;
/** Longer than a document waits before the minute has it sent again. */
const LATER_MS = 301_000;

type Document = {
  readonly id: string;
  readonly orderId: string | null;
  readonly state: string;
  readonly version: number;
  readonly attempts: readonly { readonly outcome: string }[];
};

function sold({ marketplace }: Trading, sku: string, quantity: number): string {
  const orderId = marketplace.sell(sku, quantity);
  if (orderId === null) throw new Error("the marketplace shows too few");
  return orderId;
}

async function documentOf(trading: Trading, orderId: string): Promise<Document | undefined> {
  const path = `/v1/channels/${WMS}/documents?orderId=${orderId}`;
  return (await trading.call<{ documents: readonly Document[] }>("GET", path)).documents[0];
}

const untilState = (trading: Trading, orderId: string, state: string): Promise<boolean> =>
  waitUntil(async () => (await documentOf(trading, orderId))?.state === state, TOLD_MS_MAX);

/** What was told of this order, as often as it said something else. */
const tellings = (trading: Trading, orderId: string): number =>
  trading.told(WMS, "order.fulfilment").filter((data) => data["orderId"] === orderId).length;

/** Documents that wait have waited for so long. */
async function age({ calm }: Trading, ms: number): Promise<void> {
  const { DB } = await calm.stack.worker.bindings();
  await DB.prepare(`UPDATE channel_documents SET updated_at_ms = updated_at_ms - ${ms} WHERE state = 'waiting'`).all();
  await calm.minute();
}

describe("an order that is to be sent out", () => {
  it("comes while D1 is away, then writes it down and loses its answer: it is told once", async () => {
    const trading = world();
    const { calm } = trading;
    const sku = trading.sku();
    const about = "channel_fulfilments";
    const away = await broken(calm, { where: "DB", about, how: "refuse", times: 3 });
    const loses = await broken(calm, { where: "DB", what: "batch", about, how: "lose_answer", times: 1 });
    const orderId = sold(trading, sku, 2);
    expect(await untilState(trading, orderId, "sent")).toBe(true);
    expect([await away(), await loses()]).toEqual([3, 1]);
    await trading.nothingIsLost();
    expect(tellings(trading, orderId)).toBe(1);
  });

  it("is refused by the channels' queue when its event is taken in: the event comes again, counts once, and it is told once", async () => {
    const trading = world();
    const { calm } = trading;
    const sku = trading.sku();
    const before = await calm.available(sku);
    const about = '"fulfilment_news"';
    const mend = await broken(calm, { where: "CHANNEL_SYNC", about, how: "refuse", times: 2 });
    const loses = await broken(calm, { where: "CHANNEL_SYNC", about, how: "lose_answer", times: 1 });
    const orderId = sold(trading, sku, 1);
    expect(await untilState(trading, orderId, "sent")).toBe(true);
    await trading.nothingIsLost();
    expect([await mend(), await loses()]).toEqual([2, 1]);
    expect(tellings(trading, orderId)).toBe(1);
    expect(await calm.available(sku)).toBe(before - 1);
  });

  it("is written down by two at once: nothing that either knew is lost", async () => {
    const trading = world();
    const { calm, marketplace } = trading;
    const sku = trading.sku();
    // Its order and its cancellation, one message after the other; between reading and writing somebody else writes.
    const slow = { where: "DB", what: "batch", about: "channel_fulfilments", how: "late", hangMs: 60_000 } as const;
    const late = await broken(calm, { ...slow, times: 1 });
    const orderId = marketplace.sell(sku, 2, "in_one_message") ?? "";
    expect(await waitUntil(async () => (await late.struck()) === 1, TOLD_MS_MAX)).toBe(true);
    const { DB } = await calm.stack.worker.bindings();
    const facts = JSON.stringify({ lines: {}, cancelled: {}, isCancelled: false });
    await DB.prepare(
      `INSERT INTO channel_fulfilments (channel, order_channel, order_id, version, facts, updated_at_ms)
       VALUES (?1, ?2, ?3, 1, ?4, 1)`,
    )
      .bind(WMS, MARKETPLACE, orderId, facts)
      .all();
    await late();
    const lastVersion = async () => (await documentOf(trading, orderId))?.version;
    expect(await waitUntil(async () => (await lastVersion()) === 3, TOLD_MS_MAX)).toBe(true);
    expect(await untilState(trading, orderId, "sent")).toBe(true);
    await trading.nothingIsLost();
    expect(
      trading
        .told(WMS, "order.fulfilment")
        .filter((data) => data["orderId"] === orderId)
        .at(-1),
    ).toMatchObject({
      ...{ version: 3, state: "cancelled", lines: [] },
    });
  });

  it("is written down, and whoever did so is cut off before it is sent; its message gets lost, too: the minute sends it", async () => {
    const trading = world();
    const { calm, wms } = trading;
    const sku = trading.sku();
    const consumer = { where: "consumer", what: "onhand-channel-sync", about: '"fulfilment_news"' } as const;
    const reads = { where: "DB", what: "first", about: "SELECT * FROM channel_documents", how: "refuse" } as const;
    const dies = await broken(calm, reads);
    const orderId = sold(trading, sku, 2);
    expect(await waitUntil(async () => (await dies.struck()) > 0, TOLD_MS_MAX)).toBe(true);
    const swallowed = await broken(calm, { ...consumer, how: "swallow" });
    expect(await waitUntil(async () => (await swallowed.struck()) > 0, TOLD_MS_MAX)).toBe(true);
    await dies();
    await swallowed();
    expect(await documentOf(trading, orderId)).toMatchObject({ state: "waiting" });
    const told = wms.dispatch.told;
    await calm.minute();
    expect(wms.dispatch.told).toBe(told);
    await age(trading, LATER_MS);
    expect(await untilState(trading, orderId, "sent")).toBe(true);
    await trading.nothingIsLost();
    expect(tellings(trading, orderId)).toBe(1);
  });

  it("is taken by the warehouse, which loses its answer, and its sender is cut off, too: it comes again under the same id, and leaves once", async () => {
    const trading = world();
    const { calm, wms } = trading;
    const sku = trading.sku();
    const { repeated } = wms.receiver.stats;
    const noted = { where: "DB", what: "run", about: "UPDATE channel_documents SET state", how: "refuse" } as const;
    const cut = await broken(calm, { ...noted, times: 1 });
    const shipped = wms.dispatch.shippedUnits();
    const orderId = sold(trading, sku, 2);
    expect(await waitUntil(async () => (await cut.struck()) === 1, TOLD_MS_MAX)).toBe(true);
    expect(await untilState(trading, orderId, "sent")).toBe(true);
    await trading.nothingIsLost();
    expect(wms.receiver.stats.repeated).toBeGreaterThan(repeated);
    expect(wms.dispatch.shippedUnits()).toBe(shipped + 2);
    expect(tellings(trading, orderId)).toBe(1);
  });

  it("is refused by the warehouse: a dead letter says so, and once that is mended its replay sends it", async () => {
    const trading = world();
    const { calm, wms } = trading;
    const sku = trading.sku();
    onTestFinished(() => {
      wms.receiver.behaviour = { kind: "answer" };
    });
    wms.receiver.behaviour = { kind: "refuse", status: 422, about: '"order.fulfilment"' };
    const orderId = sold(trading, sku, 1);
    const [letter] = await untilDead(calm, "queue=onhand-channel-sync", 1);
    if (letter === undefined) throw new Error("no letter");
    expect(letter).toMatchObject({ code: "refused", error: expect.stringContaining("422") });
    expect(await untilState(trading, orderId, "failed")).toBe(true);
    wms.receiver.behaviour = { kind: "answer" };
    await replay(calm, letter);
    await untilSettled(calm, "queue=onhand-channel-sync");
    await trading.nothingIsLost();
    expect(await documentOf(trading, orderId)).toMatchObject({ state: "sent" });
  });

  it("is overtaken by its cancellation, whose own news wait for D1: nothing leaves", async () => {
    const trading = world();
    const { calm, marketplace, wms } = trading;
    const sku = trading.sku();
    const before = await calm.available(sku);
    const shipped = wms.dispatch.shippedUnits();
    const mend = await broken(calm, { where: "DB", about: "channel_fulfilments", how: "refuse", times: 2 });
    expect(marketplace.sell(sku, 3, "before_the_order")).not.toBeNull();
    await trading.atRest();
    await trading.nothingIsLost();
    expect(await mend()).toBe(2);
    expect(wms.dispatch.shippedUnits()).toBe(shipped);
    expect(await calm.available(sku)).toBe(before);
  });
});

describe("a warehouse", () => {
  it("is paused, then read-only: what it is to send out waits, or is withheld until somebody has it sent", async () => {
    const trading = world();
    const [sku, other] = [trading.sku(), trading.sku()];
    const path = `/v1/channels/${WMS}`;
    onTestFinished(async () => {
      await trading.call("POST", `${path}/resume`);
      await trading.call("POST", `${path}/read-only`, { on: false });
    });
    await trading.call("POST", `${path}/pause`, { reason: "stocktaking" });
    const waits = sold(trading, sku, 1);
    expect(await untilState(trading, waits, "waiting")).toBe(true);
    await trading.call("POST", `${path}/resume`);
    await age(trading, LATER_MS);
    expect(await untilState(trading, waits, "sent")).toBe(true);
    await trading.call("POST", `${path}/read-only`, { on: true });
    const withheld = sold(trading, other, 1);
    expect(await untilState(trading, withheld, "withheld")).toBe(true);
    expect(tellings(trading, withheld)).toBe(0);
    await trading.call("POST", `${path}/read-only`, { on: false });
    const { id } = (await documentOf(trading, withheld)) ?? { id: "" };
    await trading.call("POST", `${path}/documents/${id}/resend`);
    expect(await untilState(trading, withheld, "sent")).toBe(true);
    await trading.nothingIsLost();
  });
});
