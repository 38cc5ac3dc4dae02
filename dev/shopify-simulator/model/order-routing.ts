/**
 * Which location ships a line. The first location by priority that has the whole line in stock; else the line is split,
 * by priority, when the shop has enough in all; else it depends on the policy: CONTINUE sells below zero at the first
 * location, DENY does not sell. Evidence: "adequately stocked level preferred" is recorded; the split is documented only.
 */
import type { InventoryPolicy, Level, Location } from "./shop-model.ts";

export type RoutingRequest = {
  readonly quantity: number;
  readonly policy: InventoryPolicy;
  /** Active levels of the item at locations that may ship this order. */
  readonly levels: readonly Level[];
  /** Units that earlier lines of the same order have already claimed from a level. */
  readonly claimed: (level: Level) => number;
};

export type RoutedPart = { readonly level: Level; readonly quantity: number };
export type RoutingOutcome =
  | { readonly kind: "routed"; readonly parts: readonly RoutedPart[] }
  | { readonly kind: "out_of_stock"; readonly available: number };

export function routeLine(request: RoutingRequest): RoutingOutcome {
  const { quantity, policy } = request;
  const byPriority = [...request.levels].sort((one, other) => one.location.priority - other.location.priority);
  const free = (level: Level): number => level.quantities.available - request.claimed(level);
  const adequate = byPriority.find((level) => free(level) >= quantity);
  if (adequate !== undefined) return { kind: "routed", parts: [{ level: adequate, quantity }] };
  const total = byPriority.reduce((sum, level) => sum + Math.max(0, free(level)), 0);
  if (total >= quantity) return { kind: "routed", parts: split(byPriority, quantity, free) };
  const first = byPriority[0];
  if (policy === "DENY" || first === undefined) return { kind: "out_of_stock", available: total };
  return { kind: "routed", parts: [{ level: first, quantity }] };
}

function split(levels: readonly Level[], quantity: number, free: (level: Level) => number): RoutedPart[] {
  const parts: RoutedPart[] = [];
  let left = quantity;
  for (const level of levels) {
    const taken = Math.min(left, Math.max(0, free(level)));
    if (taken > 0) parts.push({ level, quantity: taken });
    left -= taken;
  }
  return parts;
}

/** Locations that may ship an order: for an online order all active ones that fulfil online, for a POS sale its own. */
export function mayShip(location: Location, posLocation: Location | null): boolean {
  if (posLocation !== null) return location === posLocation;
  return location.isActive && location.fulfillsOnlineOrders;
}
