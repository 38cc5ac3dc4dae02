/** Units that a shop may not show are moved to its safety stock: the reply to a move is lost, sales give units back. */
import { describe, expect, it } from "vitest";
import { type Calm, calmWorld } from "./support/calm.ts";
import { GateView } from "./support/gates.ts";
import { waitUntil } from "./support/wait-until.ts";

const world = calmWorld({ seed: 74 });

const PATIENCE_MS = 60_000;
const SALES = 4;
const RELEASE_EVERY_MS = 5_000;

type Shown = { readonly available: number; readonly safetyStock: number; readonly onHand: number };

function shown({ simulator }: Calm, sku: string): Shown {
  const levels = simulator.levelsBySku(sku);
  const sum = (name: keyof Shown): number => levels.reduce((units, level) => units + level[name], 0);
  return { available: sum("available"), safetyStock: sum("safetyStock"), onHand: sum("onHand") };
}

/** Rules of this shop for one SKU; `{}`: it shows everything. */
async function rule({ stack, simulator }: Calm, sku: string, rules: Readonly<Record<string, unknown>>): Promise<void> {
  await stack.client.call("PUT", `/v1/inventory/${encodeURIComponent(sku)}/channels/${simulator.shop}`, rules);
}

/** Our calls that moved units of it between available and safety stock, by their keys: units that went to safety stock. */
function moves({ simulator }: Calm, sku: string, seq: number): ReadonlyMap<string, number> {
  const itemId = simulator.levelsBySku(sku)[0]?.itemId;
  const found = new Map<string, number>();
  for (const { cause, name, reference, itemId: item, delta } of simulator.changes(seq)) {
    if (cause !== "api" || name !== "safety_stock" || item !== itemId || reference === null) continue;
    found.set(reference, (found.get(reference) ?? 0) + delta);
  }
  return found;
}

describe("a move to safety stock", () => {
  it("whose reply is lost, or never comes, counts once: what is on hand stays, and all of it comes back", async () => {
    const calm = world();
    const { simulator } = calm;
    const sku = calm.sku();
    const seq = simulator.stats().lastChangeSeq;
    const before = shown(calm, sku);
    simulator.planNextMutations(
      { kind: "lost_response" },
      { kind: "lost_request" },
      { kind: "http_error", status: 503, isApplied: true },
    );
    await rule(calm, sku, { buffer: { kind: "fixed", units: 7 } });
    calm.buy([sku, 2]);
    expect(await calm.take(sku, 1)).toBe(true);
    const isWithheld = (): boolean => {
      const { available, safetyStock } = shown(calm, sku);
      return safetyStock === 7 && available === before.available - 7 - 3;
    };
    expect(await waitUntil(isWithheld, PATIENCE_MS)).toBe(true);
    await calm.nothingIsLost({ skus: [sku] });
    expect([...moves(calm, sku, seq).values()]).toEqual([7]);
    await rule(calm, sku, {});
    expect(await waitUntil(() => shown(calm, sku).safetyStock === 0, PATIENCE_MS)).toBe(true);
    await calm.nothingIsLost();
    // What a buyer bought at Shopify is on hand until it is shipped.
    expect(shown(calm, sku).onHand).toBe(before.onHand - 1);
  });
});

describe("a flash sale", () => {
  it.each([
    ["a percentage", { buffer: { kind: "percentage", percent: 50 } }],
    ["a cap", { cap: 20 }],
  ] as const)("under %s gives units back together, not one move for each sale", async (_, rules) => {
    const calm = world();
    const { simulator } = calm;
    const sku = calm.sku();
    await rule(calm, sku, rules);
    expect(await waitUntil(() => shown(calm, sku).safetyStock > 0, PATIENCE_MS)).toBe(true);
    const seq = simulator.stats().lastChangeSeq;
    const [fromMs, onHand] = [performance.now(), await calm.available(sku)];
    for (let sale = 1; sale <= SALES; sale += 1) {
      if (sale % 2 === 0) calm.buy([sku, 2]);
      else expect(await calm.take(sku, 2)).toBe(true);
      expect(await waitUntil(async () => (await calm.available(sku)) === onHand - 2 * sale, PATIENCE_MS)).toBe(true);
      await calm.nothingIsLost({ skus: [sku] });
      expect(await new GateView(calm).untilIdle()).toBe(true);
    }
    const mayShow = await sellable(calm, sku);
    expect(await waitUntil(() => shown(calm, sku).available === mayShow, PATIENCE_MS)).toBe(true);
    // The longer it took, the more there may be.
    const most = 2 + Math.floor((performance.now() - fromMs) / RELEASE_EVERY_MS);
    expect(moves(calm, sku, seq).size).toBeLessThanOrEqual(most);
    expect([...moves(calm, sku, seq).values()].reduce((sum, units) => sum + units, 0)).toBeLessThan(0);
    await rule(calm, sku, {});
    await calm.nothingIsLost();
  });
});

async function sellable({ stack, simulator }: Calm, sku: string): Promise<number> {
  const path = `/v1/inventory/${encodeURIComponent(sku)}/sellable?channel=${simulator.shop}`;
  return (await stack.client.call<{ sellable: number }>("GET", path)).sellable;
}
