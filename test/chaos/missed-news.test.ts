/** News that Shopify never sent: a subscription that it dropped, and more missed orders than its points let through in time. */
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { firedAndOver } from "./support/alerts.ts";
import { type Calm, calmWorld } from "./support/calm.ts";
import { waitUntil } from "./support/wait-until.ts";

/** Orders of these last moments are told by the next run anyway, and ask for none of their own. */
const OVERLAP_MS = 1_000;

/** A run's levels wait half a second for its orders here; and none but the runs that a test asks for. */
const world = calmWorld({
  seed: 64,
  timing: {
    ...{ reconcileChangedEveryMs: 3_600_000, reconcileAllEveryMs: 3_600_000 },
    ...{ reconcileOrdersMsMax: 500, reconcileOverlapMs: OVERLAP_MS },
  },
});

/** Three pages, and as many as a shop sells in some seconds: a run goes on at the second where the last one stood. */
const ORDERS = 60;
const ORDER_EVERY_MS = 60;
const RUN_MS_MAX = 90_000;
const ALERT_MS_MAX = 60_000;

type Run = {
  readonly id: string;
  readonly status: string;
  readonly notes: readonly string[];
  readonly counts: { readonly ordersSent: number; readonly mismatches: number; readonly subscriptionsMended: number };
};

/** Newest first. */
const runsOf = async ({ stack }: Calm): Promise<readonly Run[]> =>
  (await stack.client.call<{ runs: readonly Run[] }>("GET", "/v1/reconciliations?limit=50")).runs;

/** Asks for a run, and waits until that and whatever follows from it is over. @returns the runs, oldest first */
async function reconciled(calm: Calm): Promise<readonly Run[]> {
  const known = new Set((await runsOf(calm)).map(({ id }) => id));
  await calm.stack.client.call("POST", "/v1/reconciliations", { scope: { shop: calm.simulator.shop } });
  const own = async () => (await runsOf(calm)).filter(({ id }) => !known.has(id)).reverse();
  expect(await waitUntil(async () => (await own()).every(({ status }) => status === "done"), RUN_MS_MAX)).toBe(true);
  return own();
}

describe("a subscription that Shopify dropped", () => {
  it("is made again by the next run, which names it and fetches what it did not tell; its alert fires and is over", async () => {
    const calm = world();
    const { simulator, stack } = calm;
    const sku = calm.sku();
    await reconciled(calm); // from here on
    const before = await calm.available(sku);
    const dropped = simulator.registry.byTopic("ORDERS_CREATE");
    for (const { id } of dropped) simulator.registry.delete(id);
    simulator.patchFaults({ webhooks: { dropRate: { "inventory_levels/update": 1 } } });
    calm.buy([sku, 2]);
    await simulator.idle();
    simulator.faults = {};
    expect(await calm.available(sku)).toBe(before); // nobody has told
    const [run] = await reconciled(calm);
    expect(run?.counts).toMatchObject({ subscriptionsMended: dropped.length });
    const { findings } = await stack.client.call<{ findings: readonly { cause: string; detail: string }[] }>(
      ...(["GET", `/v1/reconciliations/${run?.id}`] as const),
    );
    expect(findings).toContainEqual(
      expect.objectContaining({ cause: "subscription_missing", detail: "ORDERS_CREATE", healed: true }),
    );
    expect(simulator.registry.byTopic("ORDERS_CREATE")).toHaveLength(dropped.length);
    await calm.nothingIsLost();
    expect(await calm.available(sku)).toBe(before - 2);
    expect(await waitUntil(async () => isFiring(calm), ALERT_MS_MAX)).toBe(true);
    await reconciled(calm);
    await firedAndOver(stack.client, "subscription_missing", ALERT_MS_MAX);
  });
});

async function isFiring({ stack }: Calm): Promise<boolean> {
  const { firing } = await stack.client.call<{ firing: readonly { alert: string }[] }>("GET", "/v1/alerts");
  return firing.some(({ alert }) => alert === "subscription_missing");
}

describe("more updated orders than Shopify's points let through", () => {
  it("keep levels waiting for their time only; runs of their own fetch the rest", async () => {
    const calm = world();
    const { simulator } = calm;
    const [edited, ...sold] = Array.from({ length: 13 }, () => calm.sku());
    if (edited === undefined) throw new Error("no SKU");
    await reconciled(calm);
    simulator.patchFaults({ webhooks: { stopped: "lose" } });
    simulator.editLevel({ sku: edited }, calm.place(0), { delta: 7 });
    for (let i = 0; i < ORDERS; i += 1) {
      calm.buy([sold[i % sold.length] ?? "", 1]);
      await sleep(ORDER_EVERY_MS);
    }
    await sleep(2 * OVERLAP_MS);
    simulator.faults = {};
    // A page of orders asks for 387 points: the second one waits for longer than a run's levels do.
    simulator.changePlan({ maximumPoints: 420, restorePerSecond: 25 });
    const runs = await reconciled(calm).finally(() =>
      simulator.changePlan({ maximumPoints: 2_000, restorePerSecond: 100 }),
    );
    expect(runs.length).toBeGreaterThan(1);
    const [first, ...others] = runs;
    expect(first?.notes).toContainEqual(expect.stringMatching(/^orders: fetched until 20.*left to the next run$/));
    // The levels of that run did not wait: the edit was found by it, and not by those that fetched the rest.
    expect(first?.counts.ordersSent).toBeLessThan(ORDERS);
    expect(first?.counts.mismatches).toBeGreaterThan(0);
    expect(others.reduce((sum, { counts }) => sum + counts.ordersSent, 0)).toBeGreaterThan(0);
    expect(runs.reduce((sum, { counts }) => sum + counts.ordersSent, 0)).toBeGreaterThanOrEqual(ORDERS);
    await calm.nothingIsLost();
  });
});
