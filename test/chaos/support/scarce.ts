/** So few units that several want the same ones. */
import { expect } from "vitest";
import type { Calm } from "./calm.ts";
import { waitUntil } from "./wait-until.ts";

const KNOWN_MS_MAX = 20_000;

/** @param units  at the first place, at the second … @returns a SKU that everybody knows to have them */
export async function scarce(calm: Calm, units: readonly number[]): Promise<string> {
  const sku = calm.sku();
  for (const [index, available] of units.entries()) calm.simulator.editLevel({ sku }, calm.place(index), { available });
  const all = units.reduce((sum, each) => sum + each, 0);
  expect(await waitUntil(async () => (await calm.available(sku)) === all, KNOWN_MS_MAX)).toBe(true);
  await calm.nothingIsLost();
  return sku;
}
