/**
 * A second till, of Square's making: it keeps its own counts, sells from them without asking, and echoes what it is told. It
 * mirrors ours at the store, after a dry run, as an operator would connect it.
 */
import { mirrorAll } from "../../channel-link/mirror-all.ts";
import { putSquare } from "../../channel-link/put-square.ts";
import type { OnhandClient } from "../../cli/client.ts";
import type { SquareSimulator } from "../../square-simulator/square-simulator.ts";
import { SQUARE, SQUARE_PLACE } from "./day.ts";

const PREFIX = "SQ-";

/** What its last stocktake left: far from ours. */
const STALE_COUNT = 7;

/** @param store  our location at which it stands */
export async function connectSquare(
  client: OnhandClient,
  square: SquareSimulator,
  store: string,
  skus: readonly string[],
): Promise<void> {
  const listings = skus.map((sku) => ({ itemId: itemOf(sku), sku }));
  for (const { itemId } of listings) square.count(itemId, SQUARE_PLACE, STALE_COUNT);
  await putSquare(client, square, { id: SQUARE, place: SQUARE_PLACE, location: store, listings });
  await mirrorAll(client, `/v1/channels/${SQUARE}/connect`);
}

/** Square's name of what we call so. */
const itemOf = (sku: string): string => `${PREFIX}${sku}`;
export const skuOf = (item: string): string => item.slice(PREFIX.length);
