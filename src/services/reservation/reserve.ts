/**
 * Reserve lines of several SKUs, or sell bundles, all or none. Here the lines become parts of stocked SKUs, and the key
 * becomes the id of a coordinator, so that a repeat finds the same one; the rest is the coordinator's.
 */
import type { BundleFault } from "../../domain/bundle/bundle.ts";
import { explode, type Located, toBeLocated } from "../../domain/bundle/explode.ts";
import type { MovementCause } from "../../domain/counter/movement.ts";
import {
  type ChannelId,
  fromStore,
  type LocationId,
  type ReservationId,
  type Sku,
  type SkuId,
} from "../../domain/ids.ts";
import type { LevelsView } from "../../domain/levels-view.ts";
import type { ReservationLine, ReservationRequest } from "../../domain/reservation/reservation.ts";
import type { Meter } from "../../domain/telemetry/meter.ts";
import type { Log } from "../../observability/log.ts";
import { atMost } from "../at-most.ts";
import type { Counters } from "../counter-contract.ts";
import { sha256Hex } from "../sha256.ts";
import type { Coordinator, Coordinators, ReserveReply } from "./coordinator-contract.ts";
import { type SoldAsDeps, soldAsOf } from "./sold-as.ts";

export type ReserveGiven = {
  /** What a key is a key of: the same key of another scope is another reservation. */
  readonly scope: readonly string[];
  readonly idempotencyKey: string;
  readonly client: string;
  readonly channel: ChannelId | null;
  readonly lines: readonly ReservationLine[];
  readonly ttlMs: number;
  readonly cause: MovementCause;
  /** Sell at once what could be held. */
  readonly commits: boolean;
  /** Handed over with that. */
  readonly isFulfilled: boolean;
  readonly dryRun: boolean;
};

export interface ReserveDeps extends SoldAsDeps {
  readonly counters: Counters;
  readonly coordinators: Coordinators;
  /** Deactivated locations. Never rejects. */
  closed(): Promise<ReadonlySet<LocationId>>;
  readonly callsMax: number;
  readonly skusMax: number;
  readonly meter: Meter;
  readonly log: Log;
}

export type ReserveOutcome =
  | ReserveReply
  | { readonly kind: "unknown_sku"; readonly line: number; readonly sku: Sku }
  | { readonly kind: "broken_bundle"; readonly line: number; readonly fault: BundleFault }
  | { readonly kind: "too_many_skus"; readonly count: number }
  /** Lines of bundles whose components have no location in common. */
  | { readonly kind: "nowhere"; readonly lines: readonly number[] }
  | { readonly kind: "importing"; readonly sku: Sku };

/** A location that was chosen from levels of a moment ago may be sold out by now: then another one is. */
const PLANS_MAX = 3;

/** Throws Unavailable when a part is away: what became of it, the same key will tell. */
export async function reserve(given: ReserveGiven, deps: ReserveDeps): Promise<ReserveOutcome> {
  const outcome = await decide(given, deps);
  if (!given.dryRun) {
    deps.meter.count("onhand_reservation_settled_total", { outcome: outcome.kind });
    deps.log("info", "reservation.settled", { outcome: outcome.kind, correlationId: given.cause.correlationId });
  }
  return outcome;
}

async function decide(given: ReserveGiven, deps: ReserveDeps): Promise<ReserveOutcome> {
  const id = await reservationIdOf(given);
  const coordinator = deps.coordinators.of(id);
  let before = "";
  let reply: ReserveOutcome | null = null;
  for (let plans = 0; plans < PLANS_MAX; plans += 1) {
    const plan = await planOf(given, deps);
    // What was granted under this key stays so, whatever the catalogue says of it by now.
    if (plan.kind !== "planned") return reply ?? (await grantedBefore(given, id, coordinator)) ?? plan;
    const text = JSON.stringify(plan.members);
    if (reply !== null && text === before) return reply;
    before = text;
    const request = await requestOf(given, id, plan.members);
    reply = await (given.dryRun ? coordinator.tryReserve(request) : coordinator.reserve(request));
    if (reply.kind !== "refused" || !plan.isChosen) return reply;
  }
  return reply ?? { kind: "unanswered", reason: "no plan was made" };
}

const encoder = new TextEncoder();

/** The same client and key of one scope are the same reservation, whatever the body: that is compared by its fingerprint. */
export async function reservationIdOf({
  scope,
  client,
  idempotencyKey,
}: Pick<ReserveGiven, "scope" | "client" | "idempotencyKey">): Promise<ReservationId> {
  const hash = await sha256Hex(encoder.encode(JSON.stringify([...scope, client, idempotencyKey])));
  return fromStore<ReservationId>(`rsv_${hash.slice(0, 32)}`);
}

async function requestOf(
  given: ReserveGiven,
  id: ReservationId,
  members: ReservationRequest["members"],
): Promise<ReservationRequest> {
  const { client, channel, cause, ttlMs, lines, commits, isFulfilled } = given;
  const asked = JSON.stringify([lines, ttlMs, channel, cause.reason, cause.reference, commits, isFulfilled]);
  const fingerprint = await sha256Hex(encoder.encode(asked));
  return { id, fingerprint, client, channel, cause, ttlMs, lines, members, commits, isFulfilled };
}

async function grantedBefore(
  given: ReserveGiven,
  id: ReservationId,
  coordinator: Coordinator,
): Promise<ReserveReply | null> {
  const view = await coordinator.look();
  if (view === null) return null;
  const { fingerprint } = await requestOf(given, id, []);
  return view.reservation.fingerprint === fingerprint ? { kind: "replayed", ...view } : { kind: "key_reused" };
}

type Plan =
  | {
      readonly kind: "planned";
      readonly members: ReservationRequest["members"];
      /** A location was chosen here, and might be chosen otherwise. */
      readonly isChosen: boolean;
    }
  | Exclude<ReserveOutcome, ReserveReply>;

async function planOf({ lines }: ReserveGiven, deps: ReserveDeps): Promise<Plan> {
  const { soldAs, unknown, broken } = await soldAsOf(
    lines.map(({ sku }) => sku),
    deps,
  );
  for (const [line, { sku }] of lines.entries()) {
    if (unknown.includes(sku)) return { kind: "unknown_sku", line, sku };
    const fault = broken.get(sku);
    if (fault !== undefined) return { kind: "broken_bundle", line, fault };
  }
  const wanted = toBeLocated(lines, soldAs);
  if (wanted.length > deps.skusMax) return { kind: "too_many_skus", count: wanted.length };
  const views = new Map<SkuId, LevelsView>();
  for (const { skuId, sku, view } of await levelsOf(wanted, deps)) {
    if (view === null) return { kind: "importing", sku };
    views.set(skuId, view);
  }
  const { members, nowhere } = explode(lines, soldAs, views, await deps.closed());
  if (members.length > deps.skusMax) return { kind: "too_many_skus", count: members.length };
  if (nowhere.length > 0) return { kind: "nowhere", lines: nowhere };
  return { kind: "planned", members, isChosen: wanted.length > 0 };
}

/** From the counters themselves: what is mirrored may be a minute old, and a wrong refusal is a lost sale. */
const levelsOf = (wanted: readonly Located[], { counters, callsMax }: ReserveDeps) =>
  atMost(callsMax, wanted, async ({ skuId, sku }) => ({ skuId, sku, view: await counters.of(skuId).levels() }));
