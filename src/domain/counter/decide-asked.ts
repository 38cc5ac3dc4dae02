/** What somebody asks for, one after the other: each against the levels, leases and holds as the one before left them. */
import type { ChannelId } from "../ids.ts";
import {
  type ChannelDefaults,
  effectiveRules,
  withChannelRules,
  withDefault,
  withStop,
} from "../policy/effective-rules.ts";
import { sellableOf } from "../policy/sellable.ts";
import type { Allocation, ChannelRules, SkuPolicy } from "../policy/sku-policy.ts";
import type { ChannelShare, Standing } from "./allocate.ts";
import { type BookDraft, partKey } from "./book-draft.ts";
import { levelsOfChannel } from "./channel-sellable.ts";
import type { CounterEvent, EventOutcome } from "./counter-event.ts";
import { type CountDesk, decideCount } from "./decide-count.ts";
import { decideHold, type Find, knownHold } from "./decide-hold.ts";
import { decideMovement } from "./decide-movement.ts";
import { decideStockAsked, type StockDesk } from "./decide-stock-asked.ts";
import { endHolds, extendHolds } from "./end-hold.ts";
import { guard, isGuardedWrite } from "./guard.ts";
import { belowZeroNews } from "./held-count.ts";
import type { HoldRequest } from "./hold.ts";
import { extendLock, type LeaseDecision, lock, unlock } from "./lease.ts";
import type { Expected, GuardRefusal, Movement, MovementOutcome, MovementRequest } from "./movement.ts";
import { type Outbound, withTerms } from "./outbound.ts";

export type AskedDesk = CountDesk & StockDesk & { policy: SkuPolicy; defaults: ChannelDefaults; outbound: Outbound };

/** @returns by index of the event; facts have no entry */
export function decideAsked(
  draft: BookDraft,
  events: readonly CounterEvent[],
  desk: AskedDesk,
): ReadonlyMap<number, EventOutcome> {
  const outcomes = new Map<number, EventOutcome>();
  for (const [i, event] of events.entries()) {
    const outcome = decideOne(draft, event, desk);
    if (outcome !== null) outcomes.set(i, outcome);
  }
  return outcomes;
}

function decideOne(draft: BookDraft, event: CounterEvent, desk: AskedDesk): EventOutcome | null {
  const { find } = desk;
  switch (event.kind) {
    case "movement":
      return move(draft, event.request, desk);
    case "count": {
      const { request } = event;
      const { key } = request;
      const isRepeat = find(key) !== null || desk.waiting.has(key) || desk.held.has(key);
      return (isRepeat ? null : guarded(draft, request.expected, desk, true)) ?? decideCount(draft, request, desk);
    }
    case "hold":
      return hold(draft, event.request, desk);
    case "end_hold":
      return endHolds(draft, event.end, find);
    case "extend_hold":
      return extendHolds(draft, event.reservationId, event.expiresAtMs, find);
    case "policy":
      return setPolicy(draft, event.expected, desk, () => event.policy);
    case "channel_rules":
      return setPolicy(draft, event.expected, desk, (was) => withChannelRules(was, event.channel, event.rules));
    case "channel_stop":
      return setPolicy(draft, event.expected, desk, (was) =>
        withStop(was, desk.defaults, event.channel, event.isStopped),
      );
    case "channel_default":
      desk.defaults = withDefault(desk.defaults, event.channel, event);
      return { kind: "noted" };
    case "channel_outbound":
      desk.outbound = withTerms(desk.outbound, event.channel, event);
      return { kind: "noted" };
    case "lock":
      return leased(draft, lock(draft.leases, event, draft.nowMs));
    case "extend_lock":
      return leased(draft, extendLock(draft.leases, event.lease, event.ttlMs, draft.nowMs));
    case "unlock":
      return leased(draft, unlock(draft.leases, event.lease, draft.nowMs));
    default:
      return decideStockAsked(draft, event, desk);
  }
}

function hold(draft: BookDraft, request: HoldRequest, desk: AskedDesk): EventOutcome {
  const { channel, allocation, expected } = request;
  const isRepeat = knownHold(draft.holds, request, desk.find) !== null;
  // A reservation spans SKUs, so it can bring no version of each: somebody's lease keeps it out, the strategy does not.
  const refusal = isRepeat ? null : guarded(draft, expected, { policy: { strategy: "atomic" } }, true);
  const terms = { ...termsOf(desk, channel, allocation, draft.standings), limits: desk.policy };
  return refusal ?? decideHold(draft, request, terms, desk.find);
}

function setPolicy(
  draft: BookDraft,
  expected: Expected | undefined,
  desk: AskedDesk,
  change: (was: SkuPolicy) => SkuPolicy,
): EventOutcome {
  const refusal = guarded(draft, expected, desk, false);
  if (refusal !== null) return refusal;
  desk.policy = change(desk.policy);
  return { kind: "policy_set", policy: desk.policy };
}

function leased(draft: BookDraft, { state, outcome }: LeaseDecision): EventOutcome {
  draft.leases = state;
  return outcome;
}

function guarded(
  draft: BookDraft,
  expected: Expected | undefined,
  { policy }: { readonly policy: Pick<SkuPolicy, "strategy"> },
  isGuarded: boolean,
): GuardRefusal | null {
  const { leases, version, nowMs } = draft;
  return guard({ leases, strategy: policy.strategy, version, nowMs }, expected ?? {}, isGuarded);
}

function move(draft: BookDraft, request: MovementRequest, desk: AskedDesk): MovementOutcome {
  const known = desk.find(request.key);
  // A repeat is answered whatever has become of versions and leases meanwhile.
  const refusal = known === null ? guarded(draft, request.expected, desk, isGuardedWrite(request)) : null;
  if (refusal !== null) return refusal;
  const terms = { ...termsOf(desk, request.channel, request.allocation, draft.standings), own: draft.own };
  const decision = decideMovement(request, draft.standings, known, desk.limits, draft.nowMs, terms);
  if (decision.kind === "duplicate") return withParts("duplicate", partsBooked(decision.movement, desk.find));
  if (decision.kind !== "book") return decision;
  const { key, kind = "adjustment", channel = null, cause, occurredAtMs, fingerprint } = request;
  const movements = decision.parts.map(({ locationId, delta, moves }, n) =>
    draft.book({ key: partKey(key, n), kind, locationId, delta, moves, cause, occurredAtMs, channel, fingerprint }),
  );
  for (const movement of movements) noteBelowZero(draft, movement, desk);
  return withParts("applied", movements);
}

/** Told for what changes what is on hand by somebody's word alone; a sale below zero is an oversell. */
function noteBelowZero(draft: BookDraft, movement: Movement, { news }: AskedDesk): void {
  const { kind, delta, locationId } = movement;
  const onHand = draft.at(locationId)?.onHand ?? 0;
  if (delta < 0 && onHand < 0 && (kind === "adjustment" || kind === "transfer"))
    news.push(belowZeroNews(movement, onHand));
}

function withParts(kind: "applied" | "duplicate", movements: readonly Movement[]): MovementOutcome {
  const [movement] = movements;
  if (movement === undefined) throw new Error("a movement was booked as none");
  return movements.length > 1 ? { kind, movement, parts: movements } : { kind, movement };
}

function partsBooked(first: Movement, find: Find): readonly Movement[] {
  const parts = [first];
  for (let n = 1; ; n++) {
    const part = find(partKey(first.key, n));
    if (part === null) return parts;
    parts.push(part.movement);
  }
}

function termsOf(
  { policy, defaults, merge }: AskedDesk,
  channel: ChannelId | null | undefined,
  asked: Allocation | null | undefined,
  standings: readonly Standing[],
) {
  if (channel === null || channel === undefined) return { allocation: asked ?? policy.allocation, channel: null };
  const { rules } = effectiveRules(policy, defaults, channel);
  return {
    allocation: asked ?? rules.allocation ?? policy.allocation,
    channel: shareOf(standings, levelsOfChannel(merge, channel, standings), rules),
  };
}

/** Of what is certainly there, at the places where the channel sells. */
function shareOf(all: readonly Standing[], places: readonly Standing[], rules: ChannelRules): ChannelShare {
  const levels = places.map(({ locationId, floor }) => ({ locationId, available: floor }));
  const elsewhere = all.filter((standing) => !places.includes(standing)).map(({ locationId }) => locationId);
  return { units: sellableOf(levels, rules).sellable, excluded: [...rules.excludedLocations, ...elsewhere] };
}
