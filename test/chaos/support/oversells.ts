/** What Onhand says of a SKU that is sold beyond what is there. */
import { ask } from "./asks.ts";
import type { Calm } from "./calm.ts";
import { waitUntil } from "./wait-until.ts";

export type Oversell = {
  readonly status: "open" | "resolved";
  readonly units: number;
  readonly peak: number;
  readonly unexplained: number;
  readonly shortSales: readonly { readonly kind: string; readonly reference: string | null; readonly short: number }[];
};

const REPORTED_MS_MAX = 30_000;

/** Newest first. */
export async function oversellsOf({ stack }: Calm, sku: string): Promise<readonly Oversell[]> {
  const path = `/v1/oversells?sku=${encodeURIComponent(sku)}`;
  return (await ask<{ readonly oversells: readonly Oversell[] }>(stack, "GET", path)).body.oversells;
}

/** The newest, once it is so. @throws with what there is, at the deadline */
export async function oversell(calm: Calm, sku: string, isSo: (newest: Oversell) => boolean): Promise<Oversell> {
  let newest: Oversell | undefined;
  const found = await waitUntil(async () => {
    [newest] = await oversellsOf(calm, sku);
    return newest !== undefined && isSo(newest);
  }, REPORTED_MS_MAX);
  if (!found || newest === undefined) throw new Error(`the oversell of ${sku}: ${JSON.stringify(newest)}`);
  return newest;
}
