/** Messages that die: of what was away, of what kills their handler, and how they come to count all the same. */
import { describe, expect, it, onTestFinished } from "vitest";
import { firedAndOver, untilEvaluated } from "./support/alerts.ts";
import { untilClosed, untilOpen } from "./support/breakers.ts";
import { calmWorld } from "./support/calm.ts";
import { skuIdOf } from "./support/objects.ts";
import { postWebhook } from "./support/post-webhook.ts";
import { DIES_MS_MAX, letTimePass, lettersOf, replay, untilDead, untilSettled } from "./support/replays.ts";
import { waitUntil } from "./support/wait-until.ts";

const world = calmWorld({ seed: 62 });

const ALERT_MS_MAX = 90_000;
/** Until a letter's first automatic replay is due; and until any is. */
const FIRST_DELAY_MS = 10_000;
const LATER_MS = 60_000;

describe("a counter, a gate and D1", () => {
  it("are away for longer than tries last: letters say why, and are replayed by themselves when it is over; the alert comes and goes", async () => {
    const calm = world();
    expect(await untilEvaluated(calm.stack.client, ALERT_MS_MAX)).toBe(true);
    const [sold, taken, unknown] = [calm.sku(), calm.sku(), calm.sku()];
    for (const queue of ["onhand-events", "onhand-shopify-sync"]) onTestFinished(await calm.hurry(queue));
    const mendCounter = await calm.break({
      where: "SKU_COUNTER",
      what: "apply",
      about: await skuIdOf(calm.stack, sold),
      how: "refuse",
    });
    const mendGate = await calm.break({ where: "SHOP_GATE", what: "submit", how: "refuse" });
    calm.buy([sold, 2]);
    expect(await calm.take(taken, 3)).toBe(true);
    const [ofCounter] = await untilDead(calm, "code=counter_away&topic=orders/create", 1);
    expect(ofCounter).toMatchObject({
      queue: "onhand-events",
      attempts: 9,
      error: expect.stringContaining("SKU_COUNTER.apply is broken"),
    });
    const [ofGate] = await untilDead(calm, "code=gate_away", 1);
    expect(ofGate).toMatchObject({ queue: "onhand-shopify-sync", topic: "dirty", attempts: 9 });
    const mendD1 = await calm.break({ where: "DB", how: "refuse" });
    calm.buy([unknown, 1]);
    await expect(calm.stack.client.call("GET", "/v1/dead-letters")).rejects.toMatchObject({ status: 503 });
    // Its tries have run out, and its last words wait on the dead-letter queue.
    expect(await waitUntil(() => calm.logged("dead_letter.not_stored") > 0, DIES_MS_MAX)).toBe(true);
    expect(await mendCounter()).toBeGreaterThanOrEqual(9);
    expect(await mendGate()).toBeGreaterThanOrEqual(9);
    expect(await mendD1()).toBeGreaterThanOrEqual(9);
    await untilDead(calm, "code=database_away", 1);
    await untilSettled(calm, "");
    await calm.nothingIsLost();
    for (const letter of await lettersOf(calm, "status=replayed"))
      expect(letter.trail[0], letter.code).toMatchObject({ what: "replayed", actor: "automatic" });
    await firedAndOver(calm.stack.client, "dead_letter_growth", ALERT_MS_MAX);
  });
});

describe("a shop's outage", () => {
  it("lets an edit die that must ask Shopify: the closing of the shop's breaker replays it, and nothing that needs a person", async () => {
    const calm = world();
    const { simulator, stack } = calm;
    const [edited, added] = [calm.sku(), calm.sku()];
    const order = calm.buy([edited, 1]);
    const wrong = await postWebhook(calm, { topic: "orders/create", body: JSON.stringify({ id: 4711 }) });
    await calm.nothingIsLost({ waiting: [wrong.eventId] });
    simulator.patchFaults({ graphql: { outageStatus: 503 } });
    onTestFinished(() => simulator.patchFaults({ graphql: { outageStatus: null } }));
    expect(await calm.take(edited, 1)).toBe(true);
    await untilOpen(stack.client, simulator.shop);
    // What waits for Shopify goes to its queue as a new message: only where that refuses it, its tries run out.
    onTestFinished(await calm.hurry("onhand-events"));
    const mend = await calm.break({ where: "EVENTS", what: "send", about: "delaySeconds", how: "refuse" });
    simulator.editOrder(order.id, { add: [{ sku: added, quantity: 2 }] });
    const [letter] = await untilDead(calm, "code=shopify_away&topic=orders/edited", 1);
    expect(await mend()).toBeGreaterThanOrEqual(9);
    simulator.patchFaults({ graphql: { outageStatus: null } });
    await untilClosed(stack.client, simulator.shop);
    await untilSettled(calm, "code=shopify_away");
    const [replayed] = await lettersOf(calm, "code=shopify_away");
    expect(replayed?.trail[0]).toMatchObject({
      ...{ what: "replayed", actor: "automatic", detail: expect.stringContaining(`outage/shopify/${simulator.shop}/`) },
    });
    expect(replayed?.id).toBe(letter?.id);
    await calm.nothingIsLost({ waiting: [wrong.eventId] });
    const [left] = await lettersOf(calm, "status=waiting");
    expect(left).toMatchObject({ code: "wrong_shape", replays: 0, replayDueAt: null });
    await stack.client.call("POST", `/v1/dead-letters/${left?.id}/discard`, { reason: "no order of ours" });
    await calm.nothingIsLost();
  });
});

describe("a handler", () => {
  it("is cut off on a message's last try: the platform moves it, and the letter has the reason of the try before", async () => {
    const calm = world();
    const sku = calm.sku();
    onTestFinished(await calm.hurry("onhand-events"));
    const mendCounter = await calm.break({
      where: "SKU_COUNTER",
      what: "apply",
      about: await skuIdOf(calm.stack, sku),
      how: "refuse",
    });
    const mendConsumer = await calm.break({
      where: "consumer",
      what: "onhand-events",
      about: '"attempts":9',
      how: "refuse",
    });
    calm.buy([sku, 2]);
    const [letter] = await untilDead(calm, "code=no_answer&topic=orders/create", 1);
    expect(await mendConsumer()).toBeGreaterThanOrEqual(1);
    expect(await mendCounter()).toBeGreaterThanOrEqual(8);
    expect(letter?.errors).toMatchObject([
      { code: "no_answer", attempt: 9 },
      { code: "retried", attempt: 8, message: expect.stringContaining("SKU_COUNTER.apply is broken") },
    ]);
    await letTimePass(calm.stack, FIRST_DELAY_MS);
    await untilSettled(calm, "");
    await calm.nothingIsLost();
  });

  it("is killed by a message again and again: three automatic replays, then it waits for a person", async () => {
    const calm = world();
    const [sku, other] = [calm.sku(), calm.sku()];
    onTestFinished(await calm.hurry("onhand-events"));
    const order = calm.buy([sku, 2]);
    await calm.nothingIsLost();
    // From here on the news of its cancellation kill whoever handles them.
    const mend = await calm.break({
      where: "consumer",
      what: "onhand-events",
      about: `"orderId":"${order.id}"`,
      how: "refuse",
    });
    calm.simulator.cancelOrder(order.id, { restock: true });
    const query = "status=waiting&code=no_answer";
    const cancelled = `${query}&topic=orders/cancelled`;
    const [first] = await untilDead(calm, cancelled, 1);
    expect(first).toMatchObject({ deaths: 1, replayDueAt: expect.any(String) });
    for (const deaths of [2, 3, 4]) {
      await letTimePass(calm.stack, LATER_MS);
      await waitUntil(async () => (await lettersOf(calm, cancelled))[0]?.deaths === deaths, DIES_MS_MAX);
    }
    const isOverFor = async (): Promise<boolean> =>
      (await lettersOf(calm, query)).every(({ replayDueAt }) => replayDueAt === null);
    await waitUntil(isOverFor, DIES_MS_MAX);
    const waiting = await lettersOf(calm, query);
    for (const letter of waiting) expect(letter).toMatchObject({ replays: 3, replayDueAt: null });
    expect((await lettersOf(calm, cancelled)).map(({ deaths }) => deaths)).toEqual([4]);
    expect(await mend()).toBeGreaterThanOrEqual(4 * 9);
    // Beside it all is as ever; and no time mends it.
    calm.buy([other, 1]);
    await letTimePass(calm.stack, LATER_MS);
    await calm.nothingIsLost({ skus: [sku], waiting: waiting.map(({ eventId }) => eventId) });
    for (const letter of waiting) await replay(calm, letter);
    await untilSettled(calm, "");
    await calm.nothingIsLost();
  });
});

describe("a dead letter", () => {
  it("is replayed by two people and by itself: it counts once", async () => {
    const calm = world();
    const sku = calm.sku();
    const before = await calm.available(sku);
    onTestFinished(await calm.hurry("onhand-events"));
    const mend = await calm.break({
      where: "SKU_COUNTER",
      what: "apply",
      about: await skuIdOf(calm.stack, sku),
      how: "refuse",
    });
    calm.buy([sku, 2]);
    const query = "status=waiting&code=counter_away";
    const letters = await untilDead(calm, query, 2);
    expect(await mend()).toBeGreaterThanOrEqual(9);
    await letTimePass(calm.stack, FIRST_DELAY_MS);
    await Promise.all([...letters, ...letters].map((letter) => replay(calm, letter)));
    await untilSettled(calm, "");
    await Promise.all(letters.map((letter) => replay(calm, letter)));
    await calm.nothingIsLost();
    expect(await calm.available(sku)).toBe(before - 2);
  });
});
