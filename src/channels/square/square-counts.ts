/** Counts of a till through its gate, so that they share its token, its breaker and its pace. */
import type { InventoryItemId, ShopLocationId } from "../../domain/ids.ts";
import { fromStore } from "../../domain/ids.ts";
import type { ReplicaCounts } from "../../services/channels/connect-replica.ts";
import type { SourceLevel, SourceReply } from "../../services/import-catalogue.ts";
import type { GraphqlGate } from "../../services/patient-gate.ts";
import { type CountsPage, countsRequest, parseCounts } from "./counts.ts";
import { COUNTS_PATH } from "./square-client.ts";

const PAGES_MAX = 20;

const UNREADABLE = { kind: "refused", code: "unexpected_reply", message: "Square's counts cannot be read" } as const;

/** One page. */
export async function askCounts(
  gate: GraphqlGate,
  variables: Readonly<Record<string, unknown>>,
): Promise<SourceReply<CountsPage>> {
  const reply = await gate.graphql({ document: COUNTS_PATH, variables, cost: 10, kind: "other" });
  if (reply.kind !== "ok") return reply;
  const value = parseCounts(reply.data);
  return value === null ? UNREADABLE : { kind: "ok", value };
}

/** All of these items at these places. */
export async function allCounts(
  gate: GraphqlGate,
  items: readonly InventoryItemId[],
  locations: readonly ShopLocationId[],
): Promise<SourceReply<Omit<CountsPage, "cursor">>> {
  const counts: CountsPage["counts"][number][] = [];
  const odd: string[] = [];
  let cursor: string | null = null;
  for (let pages = 0; pages < PAGES_MAX; pages += 1) {
    const page: SourceReply<CountsPage> = await askCounts(gate, countsRequest(items, locations, cursor));
    if (page.kind !== "ok") return page;
    counts.push(...page.value.counts);
    odd.push(...page.value.odd);
    cursor = page.value.cursor;
    if (cursor === null) return { kind: "ok", value: { counts, odd } };
  }
  return UNREADABLE;
}

/** For whoever connects them: a fraction of a unit can be nobody's stock. */
export async function squareCounts(
  gate: GraphqlGate,
  items: readonly InventoryItemId[],
  locations: readonly ShopLocationId[],
): Promise<SourceReply<ReplicaCounts>> {
  const told = await allCounts(gate, items, locations);
  if (told.kind !== "ok") return told;
  const { counts, odd } = told.value;
  if (odd.length > 0) return { ...UNREADABLE, message: `no whole number is counted of ${odd.slice(0, 5).join(", ")}` };
  const levels = new Map<InventoryItemId, SourceLevel[]>();
  for (const { item, location, available, atMs } of counts) {
    const id = fromStore<InventoryItemId>(item);
    const level = { location: fromStore<ShopLocationId>(location), available, committed: 0, atMs };
    levels.set(id, [...(levels.get(id) ?? []), level]);
  }
  return { kind: "ok", value: levels };
}
