/** What a warehouse, a marketplace or a till tells comes twice, late, forged, or while a part of ours is away: it counts once. */

import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { NO_SENDER_FAULTS } from "../../dev/channel-link/event-sender.ts";
import { WRONG_SECRET } from "../../dev/channel-link/post-signed.ts";
import { MARKETPLACE, TILL } from "../../dev/demo/day/day.ts";
import { broken } from "./support/broken.ts";
import { waitingLetters } from "./support/letters.ts";
import { endLife } from "./support/objects.ts";
import { postEvents, saleEvent } from "./support/post-events.ts";
import { replay, untilDead, untilSettled } from "./support/replays.ts";
import { type Trading, tradingWorld } from "./support/trading.ts";
import { waitUntil } from "./support/wait-until.ts";

const world = tradingWorld({ seed: 91, skus: 40 });

const COUNTED_MS_MAX = 30_000;
/** Longer than an isolate believes what it knows of a channel here. */
const FORGOTTEN_MS = 2_500;

const untilAvailable = ({ calm }: Trading, sku: string, units: number): Promise<boolean> =>
  waitUntil(async () => (await calm.available(sku)) === units, COUNTED_MS_MAX);

/** A sale at the till, posted by the test; it is for the accounts. */
function sale(trading: Trading, sku: string, quantity: number) {
  trading.noteMoved(sku, quantity);
  return saleEvent(sku, quantity);
}

describe("a channel's events", () => {
  it("come doubled, told again under other ids, and out of order: each document counts once", async () => {
    const trading = world();
    const { calm, till, marketplace } = trading;
    const [sku, other] = [trading.sku(), trading.sku()];
    const [before, otherBefore] = [await calm.available(sku), await calm.available(other)];
    const faults = { ...NO_SENDER_FAULTS, duplicateRate: 1, retellRate: 1, reorderRate: 0.5, reorderHoldMs: 600 };
    for (const { sender } of [till, marketplace]) sender.faults = faults;
    till.sell(sku, 2);
    till.order(sku, 1, "collected");
    till.order(sku, 1, "cancelled_first");
    till.giveBack();
    marketplace.sell(other, 3);
    marketplace.sell(other, 1, "before_the_order");
    marketplace.sell(other, 1, "in_one_message");
    await trading.atRest();
    for (const { sender } of [till, marketplace]) sender.faults = NO_SENDER_FAULTS;
    expect(till.sender.stats.duplicated + marketplace.sender.stats.duplicated).toBeGreaterThan(8);
    await trading.nothingIsLost();
    expect([await calm.available(sku), await calm.available(other)]).toEqual([before - 2, otherBefore - 3]);
  });

  it("come while the queue refuses them, or takes them and says nothing: 503, they come again, and count once", async () => {
    const trading = world();
    const sku = trading.sku();
    const before = await trading.calm.available(sku);
    const about = `"channel/${TILL}/`;
    const refuses = await broken(trading.calm, { where: "EVENTS", about, how: "refuse", times: 2 });
    const delivery = { channel: TILL, events: sale(trading, sku, 1), webhookId: "queue-away" };
    const refused = await postEvents(trading, delivery);
    expect(refused.status).toBe(503);
    expect(refused.retryAfter).toMatch(/^[1-9]\d*$/);
    trading.till.sell(sku, 2);
    expect(await waitUntil(async () => (await refuses.struck()) === 2, COUNTED_MS_MAX)).toBe(true);
    const loses = await broken(trading.calm, { where: "EVENTS", about, how: "lose_answer", times: 1 });
    expect((await postEvents(trading, delivery)).status).toBe(503);
    expect(await loses()).toBe(1);
    expect((await postEvents(trading, delivery)).status).toBe(202);
    expect(await refuses()).toBe(2);
    await trading.nothingIsLost();
    expect(await trading.calm.available(sku)).toBe(before - 3);
  });

  it("are under way when their consumer is cut off after all its work: they come again, and count once", async () => {
    const trading = world();
    const sku = trading.sku();
    const before = await trading.calm.available(sku);
    const about = `"channel/${TILL}/`;
    const mend = await broken(trading.calm, {
      where: "consumer",
      what: "onhand-events",
      about,
      how: "lose_answer",
      times: 2,
    });
    trading.till.sell(sku, 2);
    expect(await waitUntil(async () => (await mend.struck()) === 2, COUNTED_MS_MAX)).toBe(true);
    await trading.nothingIsLost();
    expect(await trading.calm.available(sku)).toBe(before - 2);
  });

  it("name items that nobody knows: the others of the array count, and the rest once it is mapped and replayed", async () => {
    const trading = world();
    const { calm, marketplace } = trading;
    const [sku, late] = [trading.sku(), trading.sku()];
    const [before, lateBefore] = [await calm.available(sku), await calm.available(late)];
    const occurredAt = new Date().toISOString();
    const ordered = (orderId: string, itemId: string | undefined, quantity: number) => ({
      ...{ id: `order.created:${orderId}`, type: "order.created", occurredAt },
      data: { orderId, lines: [{ line: "1", itemId, quantity, fulfilled: true }] },
    });
    const events = [ordered("known-1", marketplace.listed.get(sku), 2), ordered("unknown-1", "MKT-NEW", 3)];
    const answer = await postEvents(trading, { channel: MARKETPLACE, events, webhookId: "unknown-item" });
    expect(answer).toMatchObject({ status: 202, body: { accepted: 2, rejected: 0 } });
    trading.noteMoved(sku, 2);
    expect(await untilAvailable(trading, sku, before - 2)).toBe(true);
    const [letter] = await untilDead(calm, `channel=${MARKETPLACE}`, 1);
    if (letter === undefined) throw new Error("no letter");
    expect(letter.error).toContain("MKT-NEW");
    expect(await calm.available(late)).toBe(lateBefore);
    // The same item under a further name of the marketplace's.
    await trading.call("PUT", `/v1/channels/${MARKETPLACE}/listings`, { listings: [{ itemId: "MKT-NEW", sku: late }] });
    await replay(calm, letter);
    await untilSettled(calm, `channel=${MARKETPLACE}`);
    trading.noteMoved(late, 3);
    expect(await untilAvailable(trading, late, lateBefore - 3)).toBe(true);
    // Told once more by its sender, replayed once more by a person: it has counted.
    expect((await postEvents(trading, { channel: MARKETPLACE, events, webhookId: "told-again" })).status).toBe(202);
    await replay(calm, letter);
    await trading.call("DELETE", `/v1/channels/${MARKETPLACE}/listings`, { itemIds: ["MKT-NEW"] });
    await trading.nothingIsLost();
    expect(await waitingLetters(calm.stack.client)).toEqual([]);
  });
});

describe("who keeps the ids of a channel's deliveries", () => {
  it("does not answer before the queue took it, or after it, or dies in between: what comes again counts once", async () => {
    const trading = world();
    const { calm } = trading;
    const sku = trading.sku();
    const before = await calm.available(sku);
    const post = (webhookId: string, events: ReturnType<typeof saleEvent>) =>
      postEvents(trading, { channel: TILL, events, webhookId });
    const first = sale(trading, sku, 1);
    const hangs = await broken(calm, { where: "WEBHOOK_INBOX", what: "look", how: "hang", times: 1 });
    expect(await post("before", first)).toMatchObject({ status: 202, body: { accepted: 1 } });
    expect(await hangs()).toBe(1);
    expect((await post("before", first)).body.duplicate).toBe(true);
    const refuses = await broken(calm, { where: "WEBHOOK_INBOX", what: "note", how: "refuse", times: 1 });
    const second = sale(trading, sku, 1);
    expect((await post("after", second)).status).toBe(202);
    expect(await refuses()).toBe(1);
    expect((await post("after", second)).body.duplicate).toBeUndefined();
    expect((await post("after", second)).body.duplicate).toBe(true);
    await endLife(calm.stack, "WEBHOOK_INBOX", TILL);
    expect((await post("after", second)).body.duplicate).toBe(true);
    const away = await broken(calm, { where: "WEBHOOK_INBOX", how: "refuse" });
    expect((await post("before", first)).status).toBe(202);
    expect(await away()).toBe(2);
    await trading.nothingIsLost();
    expect(await calm.available(sku)).toBe(before - 2);
  });
});

describe("D1", () => {
  it("is away while a channel is looked up: a known one goes on, and one that nobody knows hears 503, not 401", async () => {
    const trading = world();
    const { calm } = trading;
    const sku = trading.sku();
    const before = await calm.available(sku);
    const warm = { channel: TILL, events: sale(trading, sku, 1), webhookId: "warm" };
    expect((await postEvents(trading, warm)).status).toBe(202);
    expect(await untilAvailable(trading, sku, before - 1)).toBe(true);
    const mend = await broken(calm, { where: "DB", how: "refuse" });
    await sleep(FORGOTTEN_MS);
    const meanwhile = await postEvents(trading, { ...warm, events: sale(trading, sku, 2), webhookId: "meanwhile" });
    expect(meanwhile.status).toBe(202);
    expect(await untilAvailable(trading, sku, before - 3)).toBe(true);
    const stranger = { channel: "nobody", events: saleEvent(sku, 5), webhookId: "stranger" };
    const unknown = await postEvents(trading, stranger);
    expect(unknown.status).toBe(503);
    expect(unknown.retryAfter).toMatch(/^[1-9]\d*$/);
    expect(await mend()).toBeGreaterThan(0);
    const isKnown = async () => (await postEvents(trading, stranger)).status === 401;
    expect(await waitUntil(isKnown, COUNTED_MS_MAX)).toBe(true);
    await trading.nothingIsLost();
  });
});

describe("who is no channel of ours", () => {
  it("forges, sends what is old, or uses a known id for something else: refused, and nothing counts", async () => {
    const trading = world();
    const { calm } = trading;
    const sku = trading.sku();
    const before = await calm.available(sku);
    const events = sale(trading, sku, 1);
    const post = (webhookId: string, given: object = {}) =>
      postEvents(trading, { channel: TILL, events, webhookId, ...given });
    expect((await post("genuine")).status).toBe(202);
    const refused = await Promise.all([
      post("forged", { events: saleEvent(sku, 5), secret: WRONG_SECRET }),
      post("old", { events: saleEvent(sku, 5), at: new Date(Date.now() - 6 * 60_000) }),
      post("nobodys", { events: saleEvent(sku, 5), channel: "nobody" }),
    ]);
    expect(refused.map(({ status }) => status)).toEqual([401, 401, 401]);
    const [{ body: told }] = refused;
    for (const { body } of refused) expect({ ...body, correlationId: null }).toEqual({ ...told, correlationId: null });
    const reused = await post("genuine", { events: saleEvent(sku, 5) });
    expect(reused).toMatchObject({ status: 409, body: { code: "webhook_id_reused" } });
    await trading.nothingIsLost();
    expect(await calm.available(sku)).toBe(before - 1);
  });
});

describe("a secret", () => {
  it("is changed while events are under way: both are good, then the old one is not, and what it signed comes again", async () => {
    const trading = world();
    const { calm, marketplace } = trading;
    const sku = trading.sku();
    const before = await calm.available(sku);
    const path = `/v1/channels/${MARKETPLACE}/secrets`;
    marketplace.sell(sku, 1);
    const { secret } = await trading.call<{ secret: string }>("POST", `${path}/rotate`, { keepOldForSeconds: 3_600 });
    // Not installed there yet: it signs and verifies with the old one.
    marketplace.sell(sku, 1);
    await trading.nothingIsLost();
    expect(marketplace.receiver.stats.badSignatures).toBe(0);
    await trading.call("DELETE", `${path}/previous`);
    await sleep(FORGOTTEN_MS);
    const { retried } = marketplace.sender.stats;
    marketplace.sell(sku, 1);
    expect(await waitUntil(() => marketplace.sender.stats.retried > retried, COUNTED_MS_MAX)).toBe(true);
    marketplace.connect(trading.eventsUrl(MARKETPLACE), secret);
    trading.secrets.set(MARKETPLACE, secret);
    await trading.nothingIsLost();
    expect(await calm.available(sku)).toBe(before - 3);
  });
});

describe("a channel that is paused", () => {
  it("hears 503 and when to come again; what it tells then counts once it goes on", async () => {
    const trading = world();
    const { calm, till } = trading;
    const sku = trading.sku();
    const before = await calm.available(sku);
    await trading.call("POST", `/v1/channels/${TILL}/pause`, { reason: "stocktaking" });
    onTestFinished(() => trading.call("POST", `/v1/channels/${TILL}/resume`).then(() => {}));
    const { retried } = till.sender.stats;
    till.sell(sku, 2);
    expect(await waitUntil(() => till.sender.stats.retried > retried, COUNTED_MS_MAX)).toBe(true);
    const answer = await postEvents(trading, { channel: TILL, events: saleEvent(sku, 9), webhookId: "paused" });
    expect(answer).toMatchObject({ status: 503, retryAfter: "60" });
    expect(await calm.available(sku)).toBe(before);
    await trading.call("POST", `/v1/channels/${TILL}/resume`);
    await trading.nothingIsLost();
    expect(await calm.available(sku)).toBe(before - 2);
  });
});
