/** Counts of a shelf and requests for more stock, while what they are about is on its way, and whoever tells of them dies. */
import { afterEach, describe, expect, it } from "vitest";
import { NO_SENDER_FAULTS } from "../../dev/channel-link/event-sender.ts";
import { WAREHOUSE, WMS } from "../../dev/demo/day/day.ts";
import { askFor, countsOf, reordersOf } from "./support/asked.ts";
import { ask, type Reply } from "./support/asks.ts";
import { broken } from "./support/broken.ts";
import { endLife, skuIdOf } from "./support/objects.ts";
import { type Trading, tradingWorld } from "./support/trading.ts";
import { waitUntil } from "./support/wait-until.ts";

const world = tradingWorld({ seed: 95, skus: 24 });

const TOLD_MS_MAX = 40_000;
const LATE_MS = 2_500;
/** Beyond what a channel may book alone. */
const MISREAD_BY = 60;

afterEach(() => {
  const { wms, marketplace, calm } = world();
  for (const { sender } of [wms, marketplace]) sender.faults = NO_SENDER_FAULTS;
  wms.receiver.behaviour = { kind: "answer" };
  calm.simulator.faults = {};
});

type View = { readonly locations: readonly { readonly locationId: string; readonly onHand: number }[] };

async function onHand(trading: Trading, sku: string): Promise<number> {
  const { locations } = await trading.call<View>("GET", `/v1/inventory/${encodeURIComponent(sku)}`);
  return locations.find(({ locationId }) => locationId === trading.calm.place(0))?.onHand ?? 0;
}

/** What lies there, as Onhand has it. */
async function openShelf(trading: Trading, sku: string): Promise<void> {
  trading.wms.shelf.open(sku, WAREHOUSE, await onHand(trading, sku));
}

describe("a count of the shelf", () => {
  it("is told before the sales that came before it: each unit counts once, and what is gone is found", async () => {
    const trading = world();
    const { calm, wms, marketplace } = trading;
    const sku = trading.sku();
    await openShelf(trading, sku);
    const before = await calm.available(sku);
    marketplace.sender.faults = { ...NO_SENDER_FAULTS, reorderRate: 1, reorderHoldMs: LATE_MS };
    expect(marketplace.sell(sku, 2)).not.toBeNull();
    calm.simulator.patchFaults({ webhooks: { reorderRate: 1, reorderHoldMs: LATE_MS } });
    calm.buy([sku, 1]);
    wms.shelf.slip(sku, WAREHOUSE, -1);
    wms.count(sku);
    await trading.nothingIsLost();
    expect(await calm.available(sku)).toBe(before - 4);
    expect(await onHand(trading, sku)).toBe(wms.shelf.lying(sku, WAREHOUSE));
    expect((await countsOf(trading, sku)).filter(({ state }) => state === "held")).toEqual([]);
  });

  it("differs so much that a person decides: its answer gets lost, and it is asked again; it is booked once, and in the audit log once", async () => {
    const trading = world();
    const { calm, wms } = trading;
    const sku = trading.sku();
    await openShelf(trading, sku);
    const before = await calm.available(sku);
    const stored = await broken(calm, { where: "DB", about: "INSERT INTO count_findings", how: "refuse", times: 2 });
    const id = await held(trading, sku);
    expect(await stored()).toBe(2);
    expect(await calm.available(sku)).toBe(before);
    const about = await skuIdOf(calm.stack, sku);
    const loses = await broken(calm, { where: "SKU_COUNTER", what: "apply", about, how: "lose_answer", times: 1 });
    expect((await decide(trading, id, "approve")).status).toBeGreaterThanOrEqual(500);
    expect(await loses()).toBe(1);
    // It waits until Shopify has told what of it is sold and not shipped.
    expect([200, 202]).toContain((await decide(trading, id, "approve")).status);
    expect((await decide(trading, id, "reject")).status).toBe(409);
    trading.noteMoved(sku, -MISREAD_BY);
    await trading.nothingIsLost();
    expect(await calm.available(sku)).toBe(before + MISREAD_BY);
    const { entries } = await trading.call<{ entries: readonly { action: string }[] }>(
      "GET",
      `/v1/audit?subject=${id}`,
    );
    expect(entries.map(({ action }) => action)).toEqual(["count.approved"]);
    expect(wms.sender.refusals).toEqual([]);
  });

  it("is approved and rejected at once: one of them holds, and the other hears so", async () => {
    const trading = world();
    const { calm } = trading;
    const sku = trading.sku();
    await openShelf(trading, sku);
    const before = await calm.available(sku);
    const id = await held(trading, sku);
    const both = await Promise.all([decide(trading, id, "reject"), decide(trading, id, "approve")]);
    const statuses = both.map(({ status }) => status).toSorted();
    expect(statuses).toEqual([expect.any(Number), 409]);
    expect(statuses[0]).toBeLessThan(300);
    const isBooked = both[0]?.status === 409;
    if (isBooked) trading.noteMoved(sku, -MISREAD_BY);
    const state = async () => (await countsOf(trading, sku))[0]?.state;
    expect(await waitUntil(async () => (await state()) === (isBooked ? "booked" : "rejected"), TOLD_MS_MAX)).toBe(true);
    await trading.nothingIsLost();
    expect(await calm.available(sku)).toBe(isBooked ? before + MISREAD_BY : before);
  });
});

/** Somebody misreads the shelf. @returns the count that waits for a person */
async function held(trading: Trading, sku: string): Promise<string> {
  trading.wms.count(sku, MISREAD_BY);
  const waiting = async () => (await countsOf(trading, sku)).find(({ state }) => state === "held");
  expect(await waitUntil(async () => (await waiting()) !== undefined, TOLD_MS_MAX)).toBe(true);
  expect(await waitUntil(() => trading.sink.of("count.needs_approval", sku).length > 0, TOLD_MS_MAX)).toBe(true);
  return (await waiting())?.id ?? "";
}

const decide = ({ calm }: Trading, id: string, how: "approve" | "reject"): Promise<Reply> =>
  ask(calm.stack, "POST", `/v1/counts/${id}/${how}`, { reason: "looked again" });

/** How often the warehouse was told to buy it, and bought it. */
const bought = ({ wms }: Trading, sku: string): readonly number[] =>
  wms.purchasing.all().flatMap(({ told, received }) => (told.sku === sku ? [received] : []));

const kindsOf = ({ sink }: Trading, sku: string): readonly string[] =>
  ["reorder.requested", "reorder.received", "reorder.cancelled"].flatMap((kind) => sink.of(kind, sku).map(() => kind));

async function untilReceived(trading: Trading, sku: string): Promise<void> {
  const isIn = async () => (await reordersOf(trading, sku))[0]?.state === "received";
  expect(await waitUntil(isIn, TOLD_MS_MAX), "all that was asked for has come").toBe(true);
  expect(await waitUntil(() => kindsOf(trading, sku).length === 2, TOLD_MS_MAX)).toBe(true);
}

describe("a request for more stock", () => {
  it("was decided by its counter, which dies before the queue takes its news: it is bought once, and told once", async () => {
    const trading = world();
    const { calm } = trading;
    const sku = trading.sku();
    const before = await calm.available(sku);
    const about = '"reorder"';
    const refuses = await broken(calm, { where: "NOTIFICATIONS", what: "send", about, how: "refuse", times: 2 });
    const rule = { when: { kind: "point", point: before - 1, quantity: 12 }, leadDays: 1 };
    await trading.call("PUT", `/v1/inventory/${sku}/reorder-rule`, { rule });
    expect(await calm.take(sku, 2)).toBe(true);
    expect(await waitUntil(async () => (await refuses.struck()) > 0, TOLD_MS_MAX)).toBe(true);
    await endLife(calm.stack, "SKU_COUNTER", await skuIdOf(calm.stack, sku));
    await untilReceived(trading, sku);
    expect(await refuses()).toBe(2);
    await trading.nothingIsLost();
    expect(bought(trading, sku)).toEqual([12]);
    expect(kindsOf(trading, sku)).toEqual(["reorder.requested", "reorder.received"]);
    expect(await calm.available(sku)).toBe(before + 10);
  });

  it("is answered late by the warehouse, and its goods come first: it is received, and told no second time as another", async () => {
    const trading = world();
    const { calm } = trading;
    const sku = trading.sku();
    const noted = { where: "DB", what: "run", about: "UPDATE channel_documents SET state" } as const;
    const late = await broken(calm, { ...noted, how: "late", hangMs: 60_000 });
    await askFor(trading, sku, 6);
    const isIn = async () => (await reordersOf(trading, sku))[0]?.state === "received";
    expect(await waitUntil(isIn, TOLD_MS_MAX)).toBe(true);
    expect(await late()).toBeGreaterThan(0);
    await untilReceived(trading, sku);
    await trading.nothingIsLost();
    expect(bought(trading, sku)).toEqual([6]);
  });

  it("is cancelled while the warehouse refuses it: what comes late of it brings no goods", async () => {
    const trading = world();
    const { calm, wms } = trading;
    const sku = trading.sku();
    const before = await calm.available(sku);
    wms.receiver.behaviour = { kind: "refuse", status: 503, about: '"reorder.requested"' };
    const id = await askFor(trading, sku, 6);
    const path = `/v1/channels/${WMS}/documents?state=waiting`;
    const waits = async () => (await trading.call<{ documents: readonly unknown[] }>("GET", path)).documents.length;
    expect(await waitUntil(async () => (await waits()) === 1, TOLD_MS_MAX)).toBe(true);
    await trading.call("POST", `/v1/reorders/${id}/cancel`, { reason: "found in the cellar" });
    expect(await waitUntil(() => trading.told(WMS, "reorder.cancelled").length === 1, TOLD_MS_MAX)).toBe(true);
    wms.receiver.behaviour = { kind: "answer" };
    expect(await waitUntil(async () => (await waits()) === 0, TOLD_MS_MAX)).toBe(true);
    await trading.nothingIsLost();
    expect(bought(trading, sku)).toEqual([]);
    expect(await calm.available(sku)).toBe(before);
    await waitUntil(() => kindsOf(trading, sku).length === 2, TOLD_MS_MAX);
    expect(kindsOf(trading, sku)).toEqual(["reorder.requested", "reorder.cancelled"]);
  });
});
