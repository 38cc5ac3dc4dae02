/** Queues and consumers fail, one way after the other. */
import { describe, expect, it, onTestFinished } from "vitest";
import { orderBody } from "../../dev/shopify-simulator/payloads/order-body.ts";
import { calmWorld } from "./support/calm.ts";
import { skuIdOf } from "./support/objects.ts";
import { postWebhook } from "./support/post-webhook.ts";
import { untilStruck } from "./support/struck.ts";
import { waitUntil } from "./support/wait-until.ts";

const world = calmWorld({ seed: 61 });
const COUNTED_MS_MAX = 30_000;

describe("the queue of events", () => {
  it("refuses webhooks: Shopify hears 503 and delivers again", async () => {
    const calm = world();
    const sku = calm.sku();
    const mend = await calm.break({ where: "EVENTS", how: "refuse", times: 5 });
    const order = calm.buy([sku, 3]);
    const body = JSON.stringify(orderBody(order, calm.simulator.shop));
    const refused = await postWebhook(calm, { topic: "orders/create", body });
    expect(refused).toMatchObject({ status: 503, eventId: expect.any(String) });
    expect(refused.headers.get("retry-after")).toMatch(/^[1-9]\d*$/);
    await calm.nothingIsLost();
    expect(await mend()).toBe(5);
  });

  it("keeps messages whose consumer is killed after all its work: they come again, and count once", async () => {
    const calm = world();
    const sku = calm.sku();
    const before = await calm.available(sku);
    const mend = await calm.break({ where: "consumer", how: "lose_answer", times: 3 });
    calm.buy([sku, 2]);
    expect(await calm.take(sku, 1)).toBe(true);
    await calm.nothingIsLost();
    expect(await mend()).toBe(3);
    expect(await calm.available(sku)).toBe(before - 3);
  });
});

describe("a counter", () => {
  it("does not answer: messages of its SKU alone are tried again, all others count meanwhile", async () => {
    const calm = world();
    const [sku, other] = [calm.sku(), calm.sku()];
    const [before, otherBefore] = [await calm.available(sku), await calm.available(other)];
    const about = await skuIdOf(calm.stack, sku);
    const mend = await calm.break({ where: "SKU_COUNTER", what: "apply", about, how: "refuse" });
    onTestFinished(async () => void (await mend()));
    calm.buy([sku, 2]);
    calm.buy([other, 1]);
    expect(await waitUntil(async () => (await calm.available(other)) === otherBefore - 1, COUNTED_MS_MAX)).toBe(true);
    await untilStruck(calm, 4);
    expect(await calm.available(sku)).toBe(before);
    await mend();
    await calm.nothingIsLost();
    expect(await calm.available(sku)).toBe(before - 2);
  });
});
