/** What will happen in the demo, and when: drawn from one seed, so that a run can be repeated. Pure. */
import type { SeededRandom } from "../shopify-simulator/model/seeded-random.ts";
import { FLASH_SKU, LAST_SKU, TWO_PLACES_SKU } from "./demo-shop.ts";

export type Action = { readonly atMs: number } & (
  | { readonly kind: "order"; readonly lines: readonly { readonly sku: string; readonly quantity: number }[] }
  /** Of an order that was placed a while before. */
  | { readonly kind: "cancel"; readonly restock: boolean }
  | { readonly kind: "refund"; readonly restockType: "cancel" | "return" | "no_restock" }
  | { readonly kind: "ship" }
  /** A till takes units over the API; `repeats`: its answer got lost and it asks again with the same key. */
  | { readonly kind: "till"; readonly sku: string; readonly quantity: number; readonly repeats: boolean }
  /** The merchant corrects a level in Shopify's admin. */
  | { readonly kind: "edit"; readonly sku: string; readonly delta: number; readonly location: number }
);

export type PlanSize = {
  readonly durationMs: number;
  readonly orders: number;
  /** Share of orders that contain the SKU of the flash sale. */
  readonly flashShare: number;
  /** Orders of the SKU that runs out, beside the others. */
  readonly twoPlaces: number;
  readonly cancels: number;
  readonly refunds: number;
  readonly tills: number;
  readonly edits: number;
  readonly ships: number;
};

export const DEMO_SIZE: PlanSize = {
  durationMs: 20_000,
  orders: 2_200,
  flashShare: 0.3,
  twoPlaces: 90,
  cancels: 70,
  refunds: 70,
  tills: 260,
  edits: 12,
  ships: 200,
};

const LAST_TILLS = 80;
const REPEAT_SHARE = 0.05;
/** Cancellations and refunds need orders to choose from. */
const AFTER_MS = 3_000;

export function planDemo(random: SeededRandom, skus: readonly string[], size: PlanSize): readonly Action[] {
  const actions: Action[] = [];
  const at = (fromMs = 0): number => fromMs + Math.floor(random.next() * (size.durationMs - fromMs));
  const many = (count: number, make: () => Action): void => {
    for (let i = 0; i < count; i += 1) actions.push(make());
  };
  many(size.orders, () => ({ kind: "order", atMs: at(), lines: orderLines(random, skus, size.flashShare) }));
  many(size.twoPlaces, () => ({ kind: "order", atMs: at(), lines: [{ sku: TWO_PLACES_SKU, quantity: 1 }] }));
  many(size.cancels, () => ({ kind: "cancel", atMs: at(AFTER_MS), restock: random.chance(0.8) }));
  many(size.refunds, () => ({
    kind: "refund",
    atMs: at(AFTER_MS),
    restockType: random.pick(["cancel", "return", "no_restock"] as const),
  }));
  many(size.ships, () => ({ kind: "ship", atMs: at(AFTER_MS) }));
  many(size.tills, () => ({
    kind: "till",
    atMs: at(),
    sku: random.chance(0.25) ? FLASH_SKU : random.pick(skus),
    quantity: random.between(1, 2),
    repeats: random.chance(REPEAT_SHARE),
  }));
  // Twice as many tills as units, all at once: the guard must hold to the unit.
  const rushMs = size.durationMs / 2;
  many(LAST_TILLS, () => ({
    kind: "till",
    atMs: rushMs + random.between(0, 500),
    sku: LAST_SKU,
    quantity: 1,
    repeats: random.chance(REPEAT_SHARE),
  }));
  many(size.edits, () => ({
    kind: "edit",
    atMs: at(),
    sku: random.pick(skus),
    delta: random.pick([-3, -2, -1, 1, 2, 5]),
    location: random.between(0, 1),
  }));
  return actions.sort((a, b) => a.atMs - b.atMs);
}

function orderLines(random: SeededRandom, skus: readonly string[], flashShare: number) {
  const lines = new Map<string, number>();
  if (random.chance(flashShare)) lines.set(FLASH_SKU, random.chance(0.9) ? 1 : 2);
  if (lines.size === 0 || random.chance(0.15)) lines.set(random.pick(skus), random.between(1, 2));
  if (random.chance(0.1)) lines.set(random.pick(skus), 1);
  return Array.from(lines, ([sku, quantity]) => ({ sku, quantity }));
}
