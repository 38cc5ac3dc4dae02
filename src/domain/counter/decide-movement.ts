/**
 * May this movement be booked? Pure: the caller brings the levels as they stand within the batch and looks up the key.
 * A guarded take is accepted only against what is certainly there at this moment, at its location and in all
 * (docs/design/replica-merge.md, "floor"): that is the whole of "never oversold".
 */
import type { LocationId } from "../ids.ts";
import type { Movement, MovementOutcome, MovementRequest, Shortage } from "./movement.ts";

/** Levels of one location while a batch is decided. */
export type Standing = {
  readonly locationId: LocationId;
  readonly ledger: number;
  readonly floor: number;
  /** What it shows: above `floor` while a doubt lasts. */
  readonly available: number;
};

export type MovementLimits = {
  /** Movements are kept, and so their keys known, for this long. */
  readonly horizonMs: number;
  /** Largest |level|: Shopify takes at most 1e9 per quantity. */
  readonly levelMax: number;
};

export type Decision =
  | { readonly kind: "book"; readonly locationId: LocationId; readonly before: number; readonly after: number }
  | Exclude<MovementOutcome, { kind: "applied" }>;

/**
 * @param standings  one per location, in order of import
 * @param known      the movement already booked under this key, with the fingerprint it was booked with
 */
export function decideMovement(
  request: MovementRequest,
  standings: readonly Standing[],
  known: { readonly movement: Movement; readonly fingerprint: string } | null,
  limits: MovementLimits,
  nowMs: number,
): Decision {
  if (known !== null) {
    const kind = known.fingerprint === request.fingerprint ? "duplicate" : "key_reused";
    return { kind, movement: known.movement };
  }
  if (request.occurredAtMs < nowMs - limits.horizonMs) return { kind: "too_old", horizonMs: limits.horizonMs };
  const named = request.locationId === null ? standings : standings.filter((s) => s.locationId === request.locationId);
  if (named.length === 0) return { kind: "unknown_location", known: standings.map((s) => s.locationId) };
  const chosen = chooseLocation(request, named, sumOf(standings, "floor"));
  if (chosen === null) return { kind: "insufficient", shortage: shortageOf(-request.delta, named, standings) };
  const after = chosen.ledger + request.delta;
  if (Math.abs(after) > limits.levelMax) return { kind: "out_of_range", level: after, levelMax: limits.levelMax };
  return { kind: "book", locationId: chosen.locationId, before: chosen.ledger, after };
}

/** The first location that can bear the movement; null when a guarded take finds none. */
function chooseLocation(request: MovementRequest, named: readonly Standing[], floorTotal: number): Standing | null {
  const first = named[0] ?? null;
  if (request.delta > 0) return first;
  const wanted = -request.delta;
  const bearing = named.find((s) => wanted <= s.floor) ?? null;
  if (request.allowNegative) return bearing ?? first;
  // Proven is the sum: one location may seem to have enough while another is as far below zero.
  return wanted <= floorTotal ? bearing : null;
}

const sumOf = (standings: readonly Standing[], field: "floor" | "available"): number =>
  standings.reduce((sum, s) => sum + s[field], 0);

/** @param named  where the take may fall */
function shortageOf(wanted: number, named: readonly Standing[], all: readonly Standing[]): Shortage {
  const floor = sumOf(all, "floor");
  return {
    wanted,
    floor,
    bearable: Math.min(floor, Math.max(...named.map((s) => s.floor))),
    // It is refused for want of proof alone: a read will tell within seconds.
    pending: wanted <= sumOf(all, "available") && named.some((s) => wanted <= s.available),
    locations: all.map(({ locationId, floor, available }) => ({ locationId, floor, available })),
  };
}
