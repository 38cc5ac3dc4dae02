/** Counts of a till through its gate, so that they share its token, its breaker and its pace. */
import type { InventoryItemId, ShopLocationId } from "../../domain/ids.ts";
import { fromStore } from "../../domain/ids.ts";
import type { ReplicaCounts } from "../../services/channels/connect-replica.ts";
import type { SourceLevel, SourceReply } from "../../services/import-catalogue.ts";
import type { GraphqlGate } from "../../services/patient-gate.ts";
import { countsRequest, parseCounts } from "./counts.ts";
import { COUNTS_PATH } from "./square-client.ts";

const PAGES_MAX = 20;

export async function squareCounts(
  gate: GraphqlGate,
  items: readonly InventoryItemId[],
  locations: readonly ShopLocationId[],
): Promise<SourceReply<ReplicaCounts>> {
  const levels = new Map<InventoryItemId, SourceLevel[]>();
  let cursor: string | null = null;
  for (let pages = 0; pages < PAGES_MAX; pages += 1) {
    const variables = countsRequest(items, locations, cursor);
    const reply = await gate.graphql({ document: COUNTS_PATH, variables, cost: 10, kind: "other" });
    if (reply.kind !== "ok") return reply;
    const page = parseCounts(reply.data);
    if (page === null) break;
    for (const { item, location, available, atMs } of page.counts) {
      const id = fromStore<InventoryItemId>(item);
      const level = { location: fromStore<ShopLocationId>(location), available, committed: 0, atMs };
      levels.set(id, [...(levels.get(id) ?? []), level]);
    }
    cursor = page.cursor;
    if (cursor === null) return { kind: "ok", value: levels };
  }
  return { kind: "refused", code: "unexpected_reply", message: "Square's counts cannot be read" };
}
