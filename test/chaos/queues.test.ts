/** Queues and consumers fail, one way after the other. */
import { describe, expect, it } from "vitest";
import { calmWorld } from "./support/calm.ts";

const world = calmWorld({ seed: 61 });

describe("the queue of events", () => {
  it("refuses webhooks: Shopify hears 503 and delivers again", async () => {
    const calm = world();
    const sku = calm.sku();
    const mend = await calm.break({ where: "EVENTS", how: "refuse", times: 5 });
    calm.buy([sku, 3]);
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
  it("does not answer: only messages of its SKU are tried again, and count", async () => {
    const calm = world();
    const sku = calm.sku();
    const mend = await calm.break({ where: "SKU_COUNTER", what: "apply", how: "refuse", times: 4 });
    calm.buy([sku, 2], [calm.sku(), 1]);
    await calm.nothingIsLost();
    expect(await mend()).toBe(4);
  });
});
