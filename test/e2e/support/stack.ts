/** The local stack with a small day of trade, for tests that break a part of it meanwhile. */
import { DEMO_FAULTS, FLASH_SKU, ordinarySkus, seedDemoShop } from "../../../dev/demo/demo-shop.ts";
import { type PlanSize, planDemo } from "../../../dev/demo/plan.ts";
import { Traffic } from "../../../dev/demo/traffic.ts";
import { judge, sayVerdict } from "../../../dev/demo/verdict.ts";
import { SeededRandom } from "../../../dev/shopify-simulator/model/seeded-random.ts";
import type { ShopifySimulator } from "../../../dev/shopify-simulator/simulator.ts";
import { type Stack, startStack } from "../../../dev/stack/stack.ts";

export type Trade = { readonly stack: Stack; readonly simulator: ShopifySimulator };

const SIZE: PlanSize = {
  durationMs: 14_000,
  orders: 500,
  flashShare: 0.3,
  twoPlaces: 90,
  cancels: 30,
  refunds: 30,
  tills: 120,
  edits: 6,
  ships: 40,
};
/** Shares below those of the faults: of so few webhooks chance may lose or double fewer. */
const LEAST = {
  orders: 400,
  skus: 300,
  settledOrders: 40,
  duplicateShare: 0.04,
  reorderShare: 0.08,
  levelLossShare: 0.06,
};

/**
 * Starts a stack, trades, lets `disturb` break things at its own pace, and judges once both are over.
 * @throws with the whole verdict when it is not clean
 */
export async function trade(
  { seed, isMirrorWhole }: { seed: number; isMirrorWhole: boolean },
  disturb: (trade: Trade) => Promise<void>,
): Promise<void> {
  const stack = await startStack({
    port: 0,
    foreign: null,
    simulator: { seed, courier: { retryScale: 0.001 } },
    seed: seedDemoShop,
    say: () => {},
  });
  try {
    const { simulator } = stack;
    if (simulator === null) throw new Error("no simulator");
    const plan = planDemo(new SeededRandom(seed), [...ordinarySkus(simulator), FLASH_SKU], SIZE);
    simulator.faults = DEMO_FAULTS;
    const traffic = new Traffic(simulator, stack.client);
    await Promise.all([traffic.play(plan, new AbortController().signal), disturb({ stack, simulator })]);
    simulator.patchFaults({ webhooks: { duplicateRate: 0, reorderRate: 0, dropRate: 0 } });
    const verdict = await judge({ stack, simulator, tally: traffic.tally, least: LEAST, isMirrorWhole });
    if (!verdict.isClean) throw new Error(sayVerdict(verdict));
  } finally {
    await stack.stop();
  }
}
