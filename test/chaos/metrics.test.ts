/** Whatever keeps numbers is away, forgets or hangs: events count as before, and no number is told twice or falls. */
import { describe, expect, it } from "vitest";
import { LIMITS } from "../../src/config.ts";
import { parseExposition, type ReadFamily } from "../support/telemetry/parse-exposition.ts";
import { broken } from "./support/broken.ts";
import { type Calm, calmWorld } from "./support/calm.ts";
import { waitUntil } from "./support/wait-until.ts";

const world = calmWorld({ seed: 69 });

/** A failed flush rests for five seconds, and the cron comes as often. */
const TOLD_MS_MAX = 40_000;

async function scrape({ stack }: Calm): Promise<readonly ReadFamily[]> {
  const headers = { authorization: `Bearer ${stack.file.adminToken}` };
  const response = await fetch(`${stack.client.url}/metrics`, { headers });
  expect(response.status).toBe(200);
  return parseExposition(await response.text());
}

/** Added up over its series; null: nobody tells it. */
function totalOf(families: readonly ReadFamily[], name: string): number | null {
  const samples = families.flatMap((family) => family.samples).filter((sample) => sample.name === name);
  return samples.length === 0 ? null : samples.reduce((sum, { value }) => sum + value, 0);
}

/** Sources that have not answered. */
const silent = (families: readonly ReadFamily[]): readonly string[] =>
  families
    .flatMap(({ samples }) => samples)
    .flatMap(({ name, labels, value }) =>
      name === "onhand_metrics_source_up" && value === 0 ? [labels["source"] ?? ""] : [],
    );

async function trade(calm: Calm): Promise<void> {
  for (let i = 0; i < 3; i += 1) {
    const sku = calm.sku();
    calm.buy([sku, 2]);
    expect(await calm.take(sku, 1)).toBe(true);
  }
}

/** Each delivery that Shopify has a 200 for is in the numbers, once. */
async function allIsCounted(calm: Calm): Promise<void> {
  const deliveries = (): number => calm.accepted.all().reduce((sum, { times }) => sum + times, 0);
  const counted = async (): Promise<number> => {
    const families = await scrape(calm);
    return (
      (totalOf(families, "onhand_webhook_accepted_total") ?? 0) +
      (totalOf(families, "onhand_webhook_dropped_total") ?? 0)
    );
  };
  await waitUntil(async () => (await counted()) === deliveries(), TOLD_MS_MAX);
  expect(await counted()).toBe(deliveries());
}

describe("the objects that add metrics up", () => {
  it("do not answer: the source is named, events count as before, and what was counted meanwhile is told later", async () => {
    const calm = world();
    const mend = await broken(calm, { where: "TELEMETRY", how: "hang" });
    await trade(calm);
    const families = await scrape(calm);
    expect(silent(families)).toEqual(["telemetry"]);
    expect(totalOf(families, "onhand_webhook_accepted_total")).toBeNull();
    expect(totalOf(families, "onhand_gate_pushes_waiting")).not.toBeNull();
    await calm.nothingIsLost();
    expect(await mend()).toBeGreaterThan(LIMITS.telemetryShards);
    await allIsCounted(calm);
  });

  it("have added up, and their reply is lost: the same flush comes again and counts once", async () => {
    const calm = world();
    const about = "onhand_webhook_accepted_total";
    const mend = await broken(calm, { where: "TELEMETRY", what: "add", about, how: "lose_answer", times: 1 });
    await trade(calm);
    await calm.nothingIsLost();
    expect(await waitUntil(async () => (await mend.struck()) === 1, TOLD_MS_MAX)).toBe(true);
    // What is counted from now on is told together with what comes again.
    await trade(calm);
    await calm.nothingIsLost();
    await allIsCounted(calm);
  });

  it("write to Analytics Engine, which refuses: the sums have what it has not", async () => {
    const calm = world();
    const mend = await broken(calm, { where: "METRICS", how: "refuse" });
    await trade(calm);
    await calm.nothingIsLost();
    await allIsCounted(calm);
    expect(await mend()).toBeGreaterThan(0);
    expect(calm.logged("metrics.not_written")).toBeGreaterThan(0);
  });
});

describe("who knows a gauge", () => {
  it("hangs or fails: that gauge is missing and its source is named, the others are there", async () => {
    const calm = world();
    const gate = await broken(calm, { where: "SHOP_GATE", what: "status", how: "hang" });
    const oversells = await broken(calm, { where: "DB", about: "FROM oversells", how: "refuse" });
    await trade(calm);
    const families = await scrape(calm);
    expect(silent(families).toSorted()).toEqual([`gate ${calm.simulator.shop}`, "oversells"]);
    const missing = ["onhand_gate_pushes_waiting", "onhand_oversold_units", "onhand_webhook_accepted_total"];
    expect(missing.map((name) => totalOf(families, name) === null)).toEqual([true, true, false]);
    expect([await gate(), await oversells()].map((struck) => struck > 0)).toEqual([true, true]);
    await calm.nothingIsLost();
    expect(silent(await scrape(calm))).toEqual([]);
  });
});

describe("an object that adds metrics up", () => {
  it("is evicted: no number that was told is told lower", async () => {
    const calm = world();
    await trade(calm);
    const before = await scrape(calm);
    await Promise.all(
      Array.from({ length: LIMITS.telemetryShards }, (_, shard) =>
        calm.stack.worker.evict("Telemetry", `telemetry-${shard}`),
      ),
    );
    await trade(calm);
    const after = await scrape(calm);
    const keyOf = ({ name, labels }: ReadFamily["samples"][number]): string => `${name} ${JSON.stringify(labels)}`;
    const told = new Map(after.flatMap(({ samples }) => samples.map((sample) => [keyOf(sample), sample.value])));
    const rising = before.filter(({ type }) => type !== "gauge").flatMap(({ samples }) => samples);
    expect(rising.length).toBeGreaterThan(30);
    expect(rising.filter((sample) => (told.get(keyOf(sample)) ?? -1) < sample.value)).toEqual([]);
    await calm.nothingIsLost();
  });
});
