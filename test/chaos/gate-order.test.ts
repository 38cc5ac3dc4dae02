/** Who goes first at a shop's gate while thousands wait there; the simulator's log of changes tells what was pushed first. */
import { randomUUID } from "node:crypto";
import { describe, expect, it, onTestFinished } from "vitest";
import { ApiProblem } from "../../dev/cli/client.ts";
import { type Calm, calmWorld } from "./support/calm.ts";
import { GateView } from "./support/gates.ts";
import { waitUntil } from "./support/wait-until.ts";

/** Over 500 levels at four locations each: the last to come would go with the third call. */
const COUNTED_SKUS = 130;

const world = calmWorld({ seed: 76, skus: 10 + COUNTED_SKUS, locations: 4 });

const PATIENCE_MS = 60_000;

/** Counts one unit less than there is of each of these SKUs, everywhere. */
async function stocktake(calm: Calm, skus: readonly string[]): Promise<void> {
  const { client } = calm.stack;
  const lines = skus.flatMap((sku) =>
    calm.simulator.levelsBySku(sku).map(({ locationId, available }) => {
      calm.noteTaken(sku, locationId, 1);
      return `${sku},${locationId},${available - 1}`;
    }),
  );
  const file = ["sku,locationId,counted", ...lines].join("\n");
  const plan = await client.send<{ planId: string; errors: unknown[] }>(
    "/v1/inventory/import?dryRun=true",
    file,
    "text/csv",
  );
  expect(plan.errors).toEqual([]);
  for (let fromLine: number | null = 1; fromLine !== null; ) {
    const path: string = `/v1/inventory/import?dryRun=false&planId=${plan.planId}&fromLine=${fromLine}`;
    const run: { nextLine: number | null; failed: unknown[] } = await client.send(path, file, "text/csv");
    expect(run.failed).toEqual([]);
    fromLine = run.nextLine;
  }
}

async function move(calm: Calm, sku: string, kind: "sale" | "receipt", quantity: number): Promise<void> {
  const locationId = calm.place(0);
  const path = `/v1/inventory/${encodeURIComponent(sku)}/movements`;
  const more = kind === "sale" ? { happened: true, fulfilled: true } : {};
  await calm.stack.client.call(
    "POST",
    path,
    { kind, quantity, locationId, ...more },
    { "idempotency-key": randomUUID() },
  );
  calm.noteTaken(sku, locationId, kind === "sale" ? quantity : -quantity);
}

/** Our calls since, in order: the SKUs and locations that each changed. */
function callsSince({ simulator }: Calm, seq: number): readonly (readonly string[])[] {
  const skuOf = new Map(simulator.store.items.map(({ id, sku }) => [id, sku ?? ""]));
  const calls = new Map<string, string[]>();
  for (const { cause, reference, itemId, locationId } of simulator.changes(seq)) {
    if (cause !== "api" || reference === null) continue;
    calls.set(reference, [...(calls.get(reference) ?? []), `${skuOf.get(itemId)}@${locationId}`]);
  }
  return [...calls.values()];
}

describe("while a stocktake of hundreds of levels waits", () => {
  it("a SKU that is oversold elsewhere goes with the next call, and one that sells now with the one after it", async () => {
    const calm = world();
    const { simulator } = calm;
    const gate = new GateView(calm);
    const [oversold, hot] = [calm.sku(), calm.sku()];
    const counted = simulator.store.variants.slice(-COUNTED_SKUS).flatMap(({ item }) => item.sku ?? []);
    // One call at a time, and the gate has learnt it.
    simulator.changePlan({ maximumPoints: 25, restorePerSecond: 50 });
    onTestFinished(() => simulator.changePlan({ maximumPoints: 2_000, restorePerSecond: 100 }));
    expect(await calm.take(calm.sku(), 1)).toBe(true);
    expect(await waitUntil(async () => (await gate.status()).bucket.maximum === 25, PATIENCE_MS)).toBe(true);
    expect(await gate.untilIdle()).toBe(true);
    await gate.configure({ readOnly: true });
    onTestFinished(async () => void (await gate.configure({ readOnly: false })));
    await stocktake(calm, counted);
    expect(await gate.untilQueued(COUNTED_SKUS)).toBe(true);
    // The last to come: two pushes within a moment make it hot.
    expect(await calm.take(hot, 1, calm.place(0))).toBe(true);
    expect(await gate.untilQueued(COUNTED_SKUS + 1)).toBe(true);
    expect(await calm.take(hot, 1, calm.place(1))).toBe(true);
    expect(await gate.untilQueued(COUNTED_SKUS + 2)).toBe(true);
    const sold = (await calm.available(oversold)) + 2;
    await move(calm, oversold, "sale", sold);
    expect(await gate.untilQueued(COUNTED_SKUS + 3)).toBe(true);
    const seq = simulator.stats().lastChangeSeq;
    await gate.configure({ readOnly: false });
    expect(await gate.untilIdle()).toBe(true);
    simulator.changePlan({ maximumPoints: 2_000, restorePerSecond: 100 });
    const calls = callsSince(calm, seq);
    expect(calls.length).toBeGreaterThanOrEqual(3);
    expect(calls[0]).toContain(`${oversold}@${calm.place(0)}`);
    expect(calls.slice(0, 2).flat()).toContain(`${hot}@${calm.place(1)}`);
    await move(calm, oversold, "receipt", sold);
    await calm.nothingIsLost();
  });
});

describe("pushes without end", () => {
  it("leave a read and an import their share of a small plan's points", async () => {
    const calm = world();
    const { simulator, stack } = calm;
    const gate = new GateView(calm);
    const [sold, ...selling] = [calm.sku(), calm.sku(), calm.sku(), calm.sku()];
    // Pushes alone would use up what is restored.
    simulator.changePlan({ maximumPoints: 100, restorePerSecond: 50 });
    onTestFinished(() => simulator.changePlan({ maximumPoints: 2_000, restorePerSecond: 100 }));
    let isOver = false;
    const tills = (async () => {
      for (let k = 0; !isOver; k += 1) await calm.take(selling[k % selling.length] ?? "", 1);
    })();
    try {
      expect(await waitUntil(async () => (await gate.status()).bucket.maximum === 100, PATIENCE_MS)).toBe(true);
      const { calls } = await gate.status();
      const dropped = simulator.stats().webhooks.levelsDropped;
      simulator.patchFaults({ webhooks: { dropRate: { "inventory_levels/update": 1 } } });
      calm.buy([sold, 1]);
      expect(await waitUntil(() => simulator.stats().webhooks.levelsDropped > dropped, PATIENCE_MS)).toBe(true);
      simulator.patchFaults({ webhooks: { dropRate: 0 } });
      // Sent away for want of points it asks again, as it is told to: from then on something is put by for it.
      const imported = async (): Promise<boolean> =>
        stack.client.call("GET", `/v1/shops/${simulator.shop}/webhooks`).then(
          () => true,
          (error: unknown) => {
            if (error instanceof ApiProblem && error.retryAfterSeconds !== null) return false;
            throw error;
          },
        );
      expect(await waitUntil(imported, PATIENCE_MS)).toBe(true);
      expect(await waitUntil(async () => (await gate.status()).calls.reads > calls.reads, PATIENCE_MS)).toBe(true);
      const { calls: now } = await gate.status();
      expect(now.mutations).toBeGreaterThan(calls.mutations);
      expect(now.rateLimited).toBe(calls.rateLimited);
    } finally {
      isOver = true;
      await tills;
    }
    simulator.changePlan({ maximumPoints: 2_000, restorePerSecond: 100 });
    await calm.nothingIsLost();
  });
});
