/** A request for more stock as a channel is told of it. Pure. */
import type { Reorder } from "../counter/reorder.ts";
import type { Sku } from "../ids.ts";
import { type Channel, speaksOurs } from "./channel.ts";

/** Paused ones, too: what they are told waits. */
export const takesReorders = (channel: Channel): boolean => channel.outbound.reorders && speaksOurs(channel);

/** @param itemId  the channel's own name of the SKU; null: it calls it as we do, or not at all */
export function reorderDocument(
  { locations }: Pick<Channel, "locations">,
  sku: Sku,
  itemId: string | null,
  { id, quantity, locationId, neededByMs, reason, state, closedReason }: Reorder,
) {
  const theirs = [...locations].find(([, ours]) => ours === locationId)?.[0] ?? locationId;
  return {
    type: state === "cancelled" ? "reorder.cancelled" : "reorder.requested",
    data: {
      ...{ reorderId: id, sku, itemId, locationId: theirs, quantity },
      neededBy: neededByMs === null ? null : new Date(neededByMs).toISOString(),
      reason: state === "cancelled" ? (closedReason ?? reason) : reason,
    },
  } as const;
}
