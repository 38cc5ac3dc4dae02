/**
 * May this movement be booked, and where? Pure: the caller brings the levels as they stand within the batch and looks up
 * the key. A guarded take is accepted only against what is certainly there at this moment, at its location and in all
 * (docs/design/replica-merge.md, "floor"): that is the whole of "never oversold".
 */
import type { LocationId } from "../ids.ts";
import { type Allocation, DEFAULT_POLICY } from "../policy/sku-policy.ts";
import {
  allocate,
  type ChannelShare,
  mostBearable,
  type Part,
  placesFor,
  type Standing,
  type Take,
} from "./allocate.ts";
import type { Movement, MovementOutcome, MovementRequest, Shortage } from "./movement.ts";
import { bookAt, type Moves, type OwnBooks, onHandChange, STATES } from "./own-book.ts";

export type { Standing } from "./allocate.ts";

export type MovementLimits = {
  /** Movements are kept, and so their keys known, for this long. */
  readonly horizonMs: number;
  /** Largest |level|: Shopify takes at most 1e9 per quantity. */
  readonly levelMax: number;
};

/** What the counter's own books and policy say. */
export type Terms = {
  readonly own: OwnBooks;
  readonly allocation: Allocation;
  readonly channel: ChannelShare | null;
};

export const NO_TERMS: Terms = { own: new Map(), allocation: DEFAULT_POLICY.allocation, channel: null };

export type BookedPart = {
  readonly locationId: LocationId;
  readonly delta: number;
  readonly moves: Moves;
  readonly before: number;
  readonly after: number;
};

export type Decision =
  | { readonly kind: "book"; readonly parts: readonly BookedPart[] }
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
  terms: Terms = NO_TERMS,
): Decision {
  if (known !== null) {
    return { kind: isSame(known, request) ? "duplicate" : "key_reused", movement: known.movement };
  }
  if (request.occurredAtMs < nowMs - limits.horizonMs) return { kind: "too_old", horizonMs: limits.horizonMs };
  const isUnknown = ({ locationId }: { readonly locationId: LocationId | null | undefined }): boolean =>
    locationId !== null && locationId !== undefined && !standings.some((s) => s.locationId === locationId);
  const places = placesFor(takeOf(request, terms), standings);
  if (places.length === 0 || isUnknown({ locationId: request.toLocationId })) {
    return { kind: "unknown_location", known: standings.map((s) => s.locationId) };
  }
  const parts = partsOf(request, standings, terms);
  if (parts === null) return { kind: "insufficient", shortage: shortageOf(takeOf(request, terms), standings) };
  const booked = parts.map((part) => bookedPart(request, part, standings, terms));
  const beyond = booked.find(({ after }) => Math.abs(after) > limits.levelMax);
  if (beyond !== undefined) return { kind: "out_of_range", level: beyond.after, levelMax: limits.levelMax };
  return { kind: "book", parts: booked };
}

/**
 * Stands for "the sale of this key, whatever else was asked with it": an end of a sale tells of the sale before the sale's
 * own news has come, or after.
 */
export const ASSERTED = "asserted";

/** The same, with the units that were asserted: what was booked may be less, where a count had them in it. */
export const assertedOf = (units: number): string => `${ASSERTED}/${units}`;

const isAsserted = (fingerprint: string): boolean => fingerprint.split("/", 1)[0] === ASSERTED;

const unitsAsserted = ({ movement, fingerprint }: { readonly movement: Movement; readonly fingerprint: string }) =>
  fingerprint === ASSERTED ? -movement.delta : Number(fingerprint.slice(ASSERTED.length + 1));

function isSame(
  known: { readonly movement: Movement; readonly fingerprint: string },
  request: MovementRequest,
): boolean {
  if (known.fingerprint === request.fingerprint || isAsserted(request.fingerprint)) return true;
  return isAsserted(known.fingerprint) && request.kind === "sale" && unitsAsserted(known) === -request.delta;
}

const takeOf = (request: MovementRequest, { allocation, channel }: Terms): Take => ({
  quantity: Math.max(0, -request.delta),
  locationId: request.locationId,
  allocation,
  avoid: request.avoid ?? [],
  channel,
});

type SignedPart = { readonly locationId: LocationId; readonly delta: number };

/** Null when a guarded take finds no place. */
function partsOf(request: MovementRequest, standings: readonly Standing[], terms: Terms): readonly SignedPart[] | null {
  if (request.delta < 0) return takenParts(request, standings, terms);
  const place = placeOfGift(request, standings, terms);
  return place === null ? null : [{ locationId: place.locationId, delta: request.delta }];
}

function takenParts(
  request: MovementRequest,
  standings: readonly Standing[],
  terms: Terms,
): readonly SignedPart[] | null {
  const take = takeOf(request, terms);
  const granted = allocate(take, standings) ?? (request.allowNegative ? anyway(take, standings) : null);
  const parts = granted?.map(({ locationId, quantity }) => ({ locationId, delta: -quantity })) ?? null;
  if (parts === null || request.toLocationId === undefined) return parts;
  return [...parts, { locationId: request.toLocationId, delta: take.quantity }];
}

/** What has happened falls where it fits, or at the first place of all. */
function anyway(take: Take, standings: readonly Standing[]): readonly Part[] {
  const places = placesFor(take, standings);
  const place = places.find(({ floor }) => take.quantity <= floor) ?? places[0];
  return place === undefined ? [] : [{ locationId: place.locationId, quantity: take.quantity }];
}

/** Where the states have what the movement takes from them, so that a shipment leaves from where it was sold. */
function placeOfGift(request: MovementRequest, standings: readonly Standing[], { own, ...terms }: Terms) {
  const places = placesFor(takeOf(request, { own, ...terms }), standings);
  const covers = ({ locationId }: Standing): boolean =>
    STATES.every((state) => bookAt(own, locationId)[state] + (request.moves?.[state] ?? 0) >= 0);
  const isTaking = STATES.some((state) => (request.moves?.[state] ?? 0) < 0);
  return (isTaking ? places.find(covers) : undefined) ?? places[0] ?? null;
}

function bookedPart(
  request: MovementRequest,
  part: SignedPart,
  standings: readonly Standing[],
  { own }: Terms,
): BookedPart {
  const { locationId } = part;
  const before = standings.find((standing) => standing.locationId === locationId)?.ledger ?? 0;
  const { countedAtMs, countedOf } = bookAt(own, locationId);
  const isInCount = request.allowNegative && countedAtMs !== null && request.occurredAtMs <= countedAtMs;
  if (isInCount && countedOf === "available" && request.kind === "sale")
    return { locationId, delta: 0, moves: {}, before, after: before };
  const moves = movesOf(request, part);
  // Whoever counted has seen the shelf with or without its units: only in which state they are is news.
  const onHand = isInCount && countedOf === undefined ? onHandChange({ delta: part.delta, moves }) : 0;
  const delta = part.delta - onHand;
  return { locationId, delta, moves, before, after: before + delta };
}

/** Of a split take each part moves its own units. The far end of a transfer moves nothing else. */
function movesOf({ delta, moves = {}, toLocationId }: MovementRequest, part: SignedPart): Moves {
  if (part.delta === delta) return moves;
  if (toLocationId !== undefined && part.delta > 0) return {};
  const entries = Object.entries(moves).map(([state, units]) => [state, Math.sign(units) * Math.abs(part.delta)]);
  return Object.fromEntries(entries) as Moves;
}

const sumOf = (standings: readonly Standing[], field: "floor" | "available"): number =>
  standings.reduce((sum, s) => sum + s[field], 0);

export function shortageOf(take: Take, standings: readonly Standing[]): Shortage {
  const { quantity: wanted, channel } = take;
  const floor = sumOf(standings, "floor");
  const places = placesFor(take, standings);
  const isChannels = channel !== null && wanted <= mostBearable({ ...take, channel: null }, standings);
  return {
    wanted,
    floor,
    bearable: mostBearable(take, standings),
    // It is refused for want of proof alone: a read will tell within seconds.
    pending: !isChannels && wanted <= sumOf(standings, "available") && places.some((s) => wanted <= s.available),
    ...(isChannels ? { sellable: channel.units } : {}),
    locations: standings.map(({ locationId, floor, available }) => ({ locationId, floor, available })),
  };
}
