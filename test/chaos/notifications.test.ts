/** Whatever breaks between a counter's news and whoever wants to hear of them: each is told once, late at worst. */
import { describe, expect, it } from "vitest";
import { askFor } from "./support/asked.ts";
import { broken } from "./support/broken.ts";
import { deliveriesOf, heard, KINDS, letPausesPass, TOLD_MS_MAX, untilHeard } from "./support/heard.ts";
import { endLife, skuIdOf } from "./support/objects.ts";
import { SINK, tradingWorld } from "./support/trading.ts";
import { waitUntil } from "./support/wait-until.ts";

const world = tradingWorld({ seed: 96, skus: 12 });

describe("a counter's news", () => {
  it("are refused by their queue, their counter dies, then D1 is away as they are stored: they are told once", async () => {
    const trading = world();
    const { calm, sink } = trading;
    const sku = trading.sku();
    const about = '"reorder"';
    const refuses = await broken(calm, { where: "NOTIFICATIONS", what: "send", about, how: "refuse", times: 1 });
    const store = { where: "DB", what: "batch", about: "INSERT INTO notifications", how: "refuse" } as const;
    const away = await broken(calm, { ...store, times: 2 });
    await askFor(trading, sku, 3);
    expect(await waitUntil(async () => (await refuses.struck()) > 0, TOLD_MS_MAX)).toBe(true);
    await endLife(calm.stack, "SKU_COUNTER", await skuIdOf(calm.stack, sku));
    expect(await untilHeard(sink, sku)).toBe(true);
    expect([await refuses(), await away()]).toEqual([1, 2]);
    await trading.nothingIsLost();
    expect(heard(sink, sku)).toEqual(KINDS);
  });
});

describe("a notification's message", () => {
  it("is refused by the queue, then gets lost with its consumer: the minute makes another one", async () => {
    const trading = world();
    const { calm, sink } = trading;
    const sku = trading.sku();
    const about = '"deliver"';
    const refuses = await broken(calm, { where: "NOTIFICATIONS", what: "send", about, how: "refuse", times: 1 });
    const consumer = { where: "consumer", what: "onhand-notifications", about } as const;
    const lost = await broken(calm, { ...consumer, how: "swallow", times: 1 });
    await askFor(trading, sku, 3);
    expect(await waitUntil(async () => (await refuses.struck()) + (await lost.struck()) === 2, TOLD_MS_MAX)).toBe(true);
    expect(heard(sink, sku)).toEqual([]);
    await letPausesPass(trading);
    expect(await untilHeard(sink, sku)).toBe(true);
    await trading.nothingIsLost();
    expect(heard(sink, sku)).toEqual(KINDS);
  });

  it("comes twice, its consumer cut off after the receiver took it; then nobody notes that it was told: it comes under one id", async () => {
    const trading = world();
    const { calm, sink } = trading;
    const sku = trading.sku();
    const { repeated } = sink.receiver.stats;
    const consumer = { where: "consumer", what: "onhand-notifications", about: '"deliver"' } as const;
    const cut = await broken(calm, { ...consumer, how: "lose_answer", times: 1 });
    const unnoted = { where: "DB", what: "batch", about: "UPDATE deliveries SET state = ?2", how: "refuse" } as const;
    const mend = await broken(calm, { ...unnoted, times: 1 });
    await askFor(trading, sku, 3);
    expect(await untilHeard(sink, sku)).toBe(true);
    expect([await cut(), await mend()]).toEqual([1, 1]);
    await letPausesPass(trading);
    expect(await waitUntil(() => sink.receiver.stats.repeated > repeated, TOLD_MS_MAX)).toBe(true);
    await trading.nothingIsLost();
    expect(heard(sink, sku)).toEqual(KINDS);
    const waits = async () => (await deliveriesOf(trading, SINK)).filter(({ state }) => state === "waiting").length;
    expect(await waitUntil(async () => (await waits()) === 0, TOLD_MS_MAX)).toBe(true);
  });
});
