/** A shop's Shopify is away, or kept away: what goes there waits in its gate, and all of it arrives. */
import { describe, expect, it, onTestFinished } from "vitest";
import { firedAndOver } from "./support/alerts.ts";
import { breakerOf, untilClosed, untilOpen } from "./support/breakers.ts";
import { type Calm, calmWorld } from "./support/calm.ts";
import { GateView } from "./support/gates.ts";
import { waitUntil } from "./support/wait-until.ts";

const HOUR_MS = 3_600_000;

// No run of reconciliation may ask Shopify of its own accord: a test here is about a shop of which nothing is asked.
const world = calmWorld({ seed: 71, timing: { reconcileChangedEveryMs: HOUR_MS, reconcileAllEveryMs: HOUR_MS } });

const PATIENCE_MS = 60_000;
const mutations = ({ simulator }: Calm): number => simulator.stats().graphql.mutations;

/** Every call answers 503 until it is mended, at the latest by the end of the test. */
function outage({ simulator }: Calm): () => void {
  const mend = (): void => simulator.patchFaults({ graphql: { outageStatus: null } });
  simulator.patchFaults({ graphql: { outageStatus: 503 } });
  onTestFinished(mend);
  return mend;
}

describe("a Shopify that is away", () => {
  // The first of the file: no counter has anything to read yet.
  it("is found to be back though nothing is asked of it: queries of one point probe it", async () => {
    const calm = world();
    const { client } = calm.stack;
    const { shop } = calm.simulator;
    expect(await new GateView(calm).untilIdle()).toBe(true);
    const mend = outage(calm);
    // A caller's questions open it; none of them waits for an answer.
    await waitUntil(async () => {
      await client.call("GET", `/v1/shops/${shop}/webhooks`).catch(() => {});
      return (await breakerOf(client, shop)) === "open";
    }, PATIENCE_MS);
    expect(await breakerOf(client, shop)).toBe("open");
    const { queries, mutations: sent, pointsCharged } = calm.simulator.stats().graphql;
    mend();
    await untilClosed(client, shop);
    const now = calm.simulator.stats().graphql;
    expect([now.queries - queries, now.mutations - sent, now.pointsCharged - pointsCharged]).toEqual([2, 0, 2]);
    await calm.nothingIsLost();
  });

  it("loses nothing that comes meanwhile, and no message dies of it or spends a try", async () => {
    const calm = world();
    const gate = new GateView(calm);
    const { client } = calm.stack;
    const mend = outage(calm);
    const skus = Array.from({ length: 8 }, () => calm.sku());
    for (const sku of skus.slice(0, 4)) expect(await calm.take(sku, 2)).toBe(true);
    await untilOpen(client, calm.simulator.shop);
    const retried = calm.logged("message.retried");
    for (const sku of skus) {
      expect(await calm.take(sku, 1)).toBe(true);
      calm.buy([sku, 1]);
    }
    expect(await gate.untilQueued(4)).toBe(true);
    expect(await gate.held()).toEqual(expect.arrayContaining([expect.objectContaining({ reason: "paused" })]));
    expect(calm.logged("message.retried")).toBe(retried);
    mend();
    await untilClosed(client, calm.simulator.shop);
    await calm.nothingIsLost();
  });
});

describe("an operator's isolation", () => {
  it("holds through every restart: what goes there waits until he releases it, and the alert says so until then", async () => {
    const calm = world();
    const gate = new GateView(calm);
    const { client, worker } = calm.stack;
    const { shop } = calm.simulator;
    const path = `/v1/breakers/shopify/${shop}`;
    await client.call("POST", `${path}/isolate`, { reason: "chaos suite" });
    onTestFinished(async () => void (await client.call("POST", `${path}/release`)));
    const before = mutations(calm);
    const skus = [calm.sku(), calm.sku(), calm.sku()];
    for (const sku of skus) expect(await calm.take(sku, 1)).toBe(true);
    expect(await gate.untilQueued(3)).toBe(true);
    await worker.evict("ShopGate", shop);
    for (const sku of skus) expect(await calm.take(sku, 1)).toBe(true);
    calm.buy([skus[0] ?? "", 2]);
    expect(await gate.status()).toMatchObject({ pausedReason: "isolated", breaker: { state: "isolated" } });
    expect(await waitUntil(async () => (await firing(calm)).includes("breaker_open"), PATIENCE_MS)).toBe(true);
    expect(mutations(calm)).toBe(before);
    await client.call("POST", `${path}/release`);
    await untilClosed(client, shop);
    await calm.nothingIsLost();
    await firedAndOver(client, "breaker_open", PATIENCE_MS);
  });
});

describe("the queue of notifications", () => {
  it("is away as the breaker changes: the news waits with the breaker, and is told when the queue is back", async () => {
    const calm = world();
    const { client } = calm.stack;
    const { shop } = calm.simulator;
    const about = `"destination":"shopify/${shop}"`;
    const arrived = await calm.break({ where: "consumer", what: "onhand-notifications", about, how: "lose_answer" });
    onTestFinished(async () => void (await arrived()));
    const mendQueue = await calm.break({ where: "NOTIFICATIONS", about, how: "refuse" });
    onTestFinished(async () => void (await mendQueue()));
    const mend = outage(calm);
    const sku = calm.sku();
    expect(await calm.take(sku, 1)).toBe(true);
    await untilOpen(client, shop);
    expect(await waitUntil(async () => (await mendQueue.struck()) >= 2, PATIENCE_MS)).toBe(true);
    expect(await calm.take(sku, 1)).toBe(true);
    expect(await arrived.struck()).toBe(0);
    mend();
    await mendQueue();
    expect(await waitUntil(async () => (await arrived.struck()) > 0, PATIENCE_MS)).toBe(true);
    expect(calm.logged("breaker.not_announced")).toBeGreaterThanOrEqual(2);
    await arrived();
    await untilClosed(client, shop);
    await calm.nothingIsLost();
  });
});

async function firing({ stack }: Calm): Promise<readonly string[]> {
  const { firing } = await stack.client.call<{ firing: readonly { alert: string }[] }>("GET", "/v1/alerts");
  return firing.map(({ alert }) => alert);
}
