/** Levels on their way to a channel get lost, wait, or are cut off: it comes to show what the counters have, and stops sell first. */
import { describe, expect, it, onTestFinished } from "vitest";
import { MARKETPLACE } from "../../dev/demo/day/day.ts";
import { broken } from "./support/broken.ts";
import { endLife, skuIdOf } from "./support/objects.ts";
import { type Trading, tradingWorld } from "./support/trading.ts";
import { waitUntil } from "./support/wait-until.ts";

const world = tradingWorld({ seed: 93, skus: 30 });

const TOLD_MS_MAX = 30_000;
/** Of signals to this channel. */
const ABOUT = `"channel":"${MARKETPLACE}"`;

const shown = ({ marketplace }: Trading, sku: string): number => marketplace.shown(sku) ?? 0;
const untilShown = (trading: Trading, sku: string, units: number): Promise<boolean> =>
  waitUntil(() => shown(trading, sku) === units, TOLD_MS_MAX);

async function soldElsewhere({ calm }: Trading, sku: string, quantity: number): Promise<void> {
  expect(await calm.take(sku, quantity, calm.place(0))).toBe(true);
}

describe("a counter's signal to a channel", () => {
  it("is refused by the queue: the counter, which died meanwhile, signals again by its alarm", async () => {
    const trading = world();
    const { calm } = trading;
    const sku = trading.sku();
    const before = shown(trading, sku);
    const skuId = await skuIdOf(calm.stack, sku);
    const mend = await broken(calm, { where: "CHANNEL_SYNC", what: "send", about: ABOUT, how: "refuse", times: 2 });
    await soldElsewhere(trading, sku, 2);
    expect(await waitUntil(async () => (await mend.struck()) > 0, TOLD_MS_MAX)).toBe(true);
    await endLife(calm.stack, "SKU_COUNTER", skuId);
    expect(await untilShown(trading, sku, before - 2)).toBe(true);
    expect(await mend()).toBe(2);
    await trading.nothingIsLost();
  });

  it("gets lost, in the queue or with its consumer: it is made again", async () => {
    const trading = world();
    const { calm } = trading;
    const [sku, other] = [trading.sku(), trading.sku()];
    const [before, otherBefore] = [shown(trading, sku), shown(trading, other)];
    const sent = await broken(calm, { where: "CHANNEL_SYNC", what: "send", about: ABOUT, how: "swallow", times: 1 });
    await soldElsewhere(trading, sku, 1);
    expect(await waitUntil(async () => (await sent.struck()) > 0, TOLD_MS_MAX)).toBe(true);
    const consumer = { where: "consumer", what: "onhand-channel-sync", about: ABOUT } as const;
    const taken = await broken(calm, { ...consumer, how: "swallow", times: 1 });
    await soldElsewhere(trading, other, 1);
    expect(await untilShown(trading, sku, before - 1)).toBe(true);
    expect(await untilShown(trading, other, otherBefore - 1)).toBe(true);
    expect([await sent(), await taken()]).toEqual([1, 1]);
    await trading.nothingIsLost();
  });
});

describe("a call to a channel", () => {
  it("was taken, and whoever made it is cut off before its counter knows, which then dies: it comes again, and changes nothing", async () => {
    const trading = world();
    const { calm } = trading;
    const sku = trading.sku();
    const before = shown(trading, sku);
    const times = () =>
      trading.levels.get(MARKETPLACE)?.filter((told) => told.sku === sku && told.available === before - 2);
    const skuId = await skuIdOf(calm.stack, sku);
    const told = await broken(calm, {
      where: "SKU_COUNTER",
      what: "levelsTold",
      about: skuId,
      how: "refuse",
      times: 2,
    });
    const consumer = { where: "consumer", what: "onhand-channel-sync", about: ABOUT } as const;
    const cut = await broken(calm, { ...consumer, how: "lose_answer", times: 1 });
    await soldElsewhere(trading, sku, 2);
    expect(await untilShown(trading, sku, before - 2)).toBe(true);
    await endLife(calm.stack, "SKU_COUNTER", skuId);
    expect(await waitUntil(() => (times()?.length ?? 0) > 1, TOLD_MS_MAX)).toBe(true);
    await trading.nothingIsLost();
    expect([await told(), await cut()]).toEqual([2, 1]);
    expect(shown(trading, sku)).toBe(before - 2);
  });

  it("finds its counter away: that SKU's level comes later, the others at once", async () => {
    const trading = world();
    const { calm } = trading;
    const [sku, other] = [trading.sku(), trading.sku()];
    const [before, otherBefore] = [shown(trading, sku), shown(trading, other)];
    const about = await skuIdOf(calm.stack, sku);
    const mend = await broken(calm, { where: "SKU_COUNTER", what: "takeLevels", about, how: "refuse" });
    await soldElsewhere(trading, sku, 1);
    await soldElsewhere(trading, other, 1);
    expect(await untilShown(trading, other, otherBefore - 1)).toBe(true);
    expect(await waitUntil(async () => (await mend.struck()) > 0, TOLD_MS_MAX)).toBe(true);
    expect(shown(trading, sku)).toBe(before);
    await mend();
    expect(await untilShown(trading, sku, before - 1)).toBe(true);
    await trading.nothingIsLost();
  });

  it("waits for the channel's pace in a flood: what must not be sold any more overtakes it", async () => {
    const trading = world();
    const { calm, marketplace } = trading;
    const flood = Array.from({ length: 12 }, () => trading.sku());
    const stopped = trading.sku();
    const before = new Map(flood.map((sku) => [sku, shown(trading, sku)]));
    const left = flood.filter((sku) => shown(trading, sku) === before.get(sku));
    expect(left).toHaveLength(flood.length);
    await paced(trading, { batchMax: 1, callsPerSecond: 1 });
    for (const sku of flood) await soldElsewhere(trading, sku, 1);
    await trading.call("POST", `/v1/inventory/${stopped}/channels/${MARKETPLACE}/stop`);
    expect(await untilShown(trading, stopped, 0)).toBe(true);
    const waiting = flood.filter((sku) => shown(trading, sku) === before.get(sku));
    expect(waiting.length, "of the flood, when the stop has come").toBeGreaterThan(2);
    await trading.call("POST", `/v1/inventory/${stopped}/channels/${MARKETPLACE}/resume`);
    await paced(trading, { batchMax: 100, callsPerSecond: 50 });
    for (const sku of flood) expect(await untilShown(trading, sku, (before.get(sku) ?? 0) - 1)).toBe(true);
    expect(marketplace.receiver.stats.idsReused).toBe(0);
    expect(await calm.available(stopped)).toBeGreaterThan(0);
    await trading.nothingIsLost();
  });
});

/** How the channel wants to be told. */
async function paced(trading: Trading, outbound: { batchMax: number; callsPerSecond: number }): Promise<void> {
  const { calm, marketplace } = trading;
  await trading.call("PUT", `/v1/channels/${MARKETPLACE}`, {
    ...{ type: "marketplace", name: "Marketplace", locations: { FC: calm.place(0) }, listings: "mapped" },
    ...{ endpoint: marketplace.endpoint, outbound },
  });
}

describe("a channel", () => {
  it("is paused, then read-only: it is told nothing meanwhile, and everything anew when it goes on", async () => {
    const trading = world();
    const { marketplace } = trading;
    const sku = trading.sku();
    const before = shown(trading, sku);
    const path = `/v1/channels/${MARKETPLACE}`;
    onTestFinished(async () => {
      await trading.call("POST", `${path}/resume`);
      await trading.call("POST", `${path}/read-only`, { on: false });
    });
    await trading.call("POST", `${path}/pause`, { reason: "their sale begins" });
    await soldElsewhere(trading, sku, 1);
    await untilKept(trading, sku);
    expect(shown(trading, sku)).toBe(before);
    await trading.call("POST", `${path}/resume`);
    expect(await untilShown(trading, sku, before - 1)).toBe(true);
    await trading.call("POST", `${path}/read-only`, { on: true });
    const { requests } = marketplace.receiver.stats;
    await soldElsewhere(trading, sku, 1);
    await untilKept(trading, sku);
    expect(marketplace.receiver.stats.requests).toBe(requests);
    await trading.call("POST", `${path}/read-only`, { on: false });
    expect(await untilShown(trading, sku, before - 2)).toBe(true);
    await trading.nothingIsLost();
  });
});

/** The warehouse has heard of it: so the marketplace would have, too. */
async function untilKept({ wms, calm }: Trading, sku: string): Promise<void> {
  const units = await calm.available(sku);
  const isKept = () => wms.levels.get(sku)?.available === units;
  expect(await waitUntil(isKept, TOLD_MS_MAX)).toBe(true);
}
