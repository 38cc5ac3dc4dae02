/**
 * Holds within one counter: taken all or none, ended once, and over at their exact time. What is held was certainly there
 * when it was promised; from then on it is nobody else's.
 */
import { fromStore, type HoldId, type LocationId, type MovementKey, type ReservationId } from "../ids.ts";
import type { Allocation, SkuPolicy } from "../policy/sku-policy.ts";
import { allocate, type ChannelShare, mostBearable, type Part, type Standing, type Take } from "./allocate.ts";
import { type BookDraft, type BookedMovement, partKey } from "./book-draft.ts";
import { shortageOf } from "./decide-movement.ts";
import type { Hold, HoldLine, HoldOutcome, HoldRequest } from "./hold.ts";

/** Looks up a movement of this batch or an earlier one. */
export type Find = (key: MovementKey) => BookedMovement | null;

export type HoldTerms = {
  readonly allocation: Allocation;
  readonly channel: ChannelShare | null;
  readonly limits: Pick<SkuPolicy, "holdsPerClientMax" | "heldShareMax">;
};

type Word = "hold" | "commit" | "release" | "rest" | "expiry";

/** Key of what happened to the n-th hold (from 0) of a reservation. */
export const holdKey = (word: Word, reservationId: ReservationId, n: number): MovementKey =>
  partKey(fromStore<MovementKey>(`${word}/${reservationId}`), n);

const holdId = (reservationId: ReservationId, n: number): HoldId => fromStore<HoldId>(`${reservationId}/${n}`);

export const holdsOf = (holds: ReadonlyMap<HoldId, Hold>, reservationId: ReservationId): readonly Hold[] =>
  [...holds.values()].filter((hold) => hold.reservationId === reservationId);

/** How a reservation ended here; null: it was never held here, or so long ago that its movements are pruned. */
export function endOf(reservationId: ReservationId, find: Find): "committed" | "released" | "expired" | null {
  if (find(holdKey("commit", reservationId, 0)) !== null) return "committed";
  if (find(holdKey("expiry", reservationId, 0)) !== null) return "expired";
  if (find(holdKey("release", reservationId, 0)) !== null) return "released";
  return null;
}

export function decideHold(draft: BookDraft, request: HoldRequest, terms: HoldTerms, find: Find): HoldOutcome {
  const known = knownHold(draft.holds, request, find);
  if (known !== null) return known;
  if (request.expiresAtMs <= draft.nowMs) return { kind: "hold_expired" };
  const lines = summed(request.lines);
  const unknown = lines.some(({ locationId }) => locationId !== null && draft.at(locationId) === null);
  if (unknown || draft.standings.length === 0)
    return { kind: "no_such_location", known: draft.standings.map(({ locationId }) => locationId) };
  const parts = allocateAll(lines, request, terms, draft.standings);
  if (!parts.ok) return refusal(lines, parts.short, request, terms, draft.standings);
  const over = overLimit(draft, request, parts.value, terms.limits);
  if (over !== null) return over;
  return { kind: "held", holds: parts.value.map((part, n) => takeHold(draft, request, part, n)) };
}

/**
 * What is known of a reservation: its first movement, or, where that is pruned already, what is open of it and how it ended.
 * Held anew while its end is remembered, its next end would have the same key, and no batch could be written any more.
 * @returns null: it was never held here, or all of it is pruned
 */
export function knownHold(
  holds: ReadonlyMap<HoldId, Hold>,
  { reservationId, fingerprint }: Pick<HoldRequest, "reservationId" | "fingerprint">,
  find: Find,
): HoldOutcome | null {
  const first = find(holdKey("hold", reservationId, 0)) ?? holds.get(holdId(reservationId, 0)) ?? null;
  const ended = endOf(reservationId, find);
  if (first === null && ended === null) return null;
  if (first !== null && first.fingerprint !== fingerprint) return { kind: "hold_key_reused" };
  return { kind: "held_already", state: ended ?? "held", holds: holdsOf(holds, reservationId) };
}

/** Lines of one place are one demand: each checked by itself would find the same units. */
function summed(lines: readonly HoldLine[]): readonly HoldLine[] {
  const sums = new Map<LocationId | null, number>();
  for (const { locationId, quantity } of lines) sums.set(locationId, (sums.get(locationId) ?? 0) + quantity);
  // Those that name a place first: the others may fall anywhere.
  const named = [...sums].filter(([locationId]) => locationId !== null);
  const anywhere = [...sums].filter(([locationId]) => locationId === null);
  return [...named, ...anywhere].map(([locationId, quantity]) => ({ locationId, quantity }));
}

const takeOf = (line: HoldLine, { avoid = [] }: HoldRequest, { allocation, channel }: HoldTerms): Take => ({
  ...line,
  allocation,
  avoid,
  channel,
});

type Allocated =
  | { readonly ok: true; readonly value: readonly Part[] }
  | { readonly ok: false; readonly short: readonly (HoldLine & { readonly bearable: number })[] };

/** Each line against what the lines before it left. */
function allocateAll(
  lines: readonly HoldLine[],
  request: HoldRequest,
  terms: HoldTerms,
  standings: readonly Standing[],
): Allocated {
  let left = standings;
  let { channel } = terms;
  const parts: Part[] = [];
  const short: (HoldLine & { readonly bearable: number })[] = [];
  for (const line of lines) {
    const take = takeOf(line, request, { ...terms, channel });
    const found = allocate(take, left);
    if (found === null) {
      short.push({ ...line, bearable: mostBearable(take, left) });
      continue;
    }
    parts.push(...found);
    left = less(left, found);
    if (channel !== null) channel = { ...channel, units: channel.units - line.quantity };
  }
  return short.length > 0 ? { ok: false, short } : { ok: true, value: merged(parts) };
}

const less = (standings: readonly Standing[], parts: readonly Part[]): readonly Standing[] =>
  standings.map((standing) => {
    const taken = parts.reduce(
      (sum, { locationId, quantity }) => (locationId === standing.locationId ? sum + quantity : sum),
      0,
    );
    const { floor, available, ledger } = standing;
    return { ...standing, floor: floor - taken, available: available - taken, ledger: ledger - taken };
  });

/** One hold per place. */
function merged(parts: readonly Part[]): readonly Part[] {
  const sums = new Map<LocationId, number>();
  for (const { locationId, quantity } of parts) sums.set(locationId, (sums.get(locationId) ?? 0) + quantity);
  return Array.from(sums, ([locationId, quantity]) => ({ locationId, quantity }));
}

function refusal(
  lines: readonly HoldLine[],
  short: readonly (HoldLine & { readonly bearable: number })[],
  request: HoldRequest,
  terms: HoldTerms,
  standings: readonly Standing[],
): HoldOutcome {
  const quantity = lines.reduce((sum, line) => sum + line.quantity, 0);
  const [first] = short;
  const locationId = lines.length === 1 ? (first?.locationId ?? null) : null;
  return {
    kind: "hold_refused",
    shortage: shortageOf(takeOf({ locationId, quantity }, request, terms), standings),
    short,
  };
}

/** A client that holds what it never buys keeps others from buying it. */
function overLimit(
  draft: BookDraft,
  { client }: HoldRequest,
  parts: readonly Part[],
  { holdsPerClientMax, heldShareMax }: HoldTerms["limits"],
): HoldOutcome | null {
  const mine = [...draft.holds.values()].filter((hold) => hold.client === client);
  const count = new Set(mine.map(({ reservationId }) => reservationId)).size;
  if (count >= holdsPerClientMax)
    return { kind: "over_limit", limit: "holds", allowed: holdsPerClientMax, held: count };
  const held = mine.reduce((sum, { quantity }) => sum + quantity, 0);
  const wanted = parts.reduce((sum, { quantity }) => sum + quantity, 0);
  const floor = draft.standings.reduce((sum, standing) => sum + standing.floor, 0);
  const allHeld = [...draft.holds.values()].reduce((sum, { quantity }) => sum + quantity, 0);
  const allowed = Math.floor(((floor + allHeld) * heldShareMax) / 100);
  return held + wanted > allowed ? { kind: "over_limit", limit: "share", allowed, held } : null;
}

function takeHold(draft: BookDraft, request: HoldRequest, part: Part, n: number): Hold {
  const { reservationId, expiresAtMs, client, channel, cause, fingerprint } = request;
  const id = holdId(reservationId, n);
  const hold: Hold = { id, reservationId, ...part, expiresAtMs, client, channel, cause, fingerprint };
  draft.book({
    ...{ key: holdKey("hold", reservationId, n), kind: "hold", locationId: part.locationId, delta: -part.quantity },
    ...{ moves: { reserved: part.quantity }, cause, occurredAtMs: draft.nowMs, channel, fingerprint },
  });
  draft.putHold(hold);
  return hold;
}
