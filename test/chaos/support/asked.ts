/** Requests for more stock, and counts, as people ask for and decide them. */
import { newKey, pathOf } from "./asks.ts";
import type { Trading } from "./trading.ts";

export type Reorder = {
  readonly id: string;
  readonly state: string;
  readonly quantity: number;
  readonly received: number;
};

/** By hand: told to the warehouse, which buys it, and to people. @returns its id */
export async function askFor({ calm }: Trading, sku: string, quantity: number): Promise<string> {
  const key = { "idempotency-key": newKey() };
  const body = { quantity, locationId: calm.place(0), reason: "chaos suite" };
  const reorder = await calm.stack.client.call<Reorder>("POST", pathOf(sku, "/reorders"), body, key);
  return reorder.id;
}

export async function reordersOf(trading: Trading, sku: string): Promise<readonly Reorder[]> {
  return (await trading.call<{ reorders: readonly Reorder[] }>("GET", `/v1/reorders?sku=${sku}`)).reorders;
}

export type Count = { readonly id: string; readonly state: string };

export async function countsOf(trading: Trading, sku: string): Promise<readonly Count[]> {
  return (await trading.call<{ counts: readonly Count[] }>("GET", `/v1/counts?sku=${sku}&kind=approval`)).counts;
}
