/**
 * Reservations that a channel asks for by events: the same coordinators as the API's, with the channel as their client. Nobody
 * waits for an answer here: what is refused is a conflict that people are told of.
 */
import type { ChannelEvent } from "../domain/channel/channel-event.ts";
import type { Notification, Notifier } from "../domain/notification/notification.ts";
import type { Refusal } from "../domain/reservation/refusal.ts";
import type { ReservationLine } from "../domain/reservation/reservation.ts";
import { err, ok, type Result } from "../domain/result.ts";
import { type Log, reasonOf } from "../observability/log.ts";
import { placeOf } from "./channels/place-of.ts";
import { resolveItems } from "./channels/resolve-items.ts";
import type { FinishReply } from "./reservation/coordinator-contract.ts";
import { type ReserveDeps, type ReserveOutcome, reservationIdOf, reserve } from "./reservation/reserve.ts";
import type { ChannelFactsDeps, ChannelVerdict, IncomingChannelEvent } from "./take-in-channel-events.ts";
import { Unavailable } from "./unavailable.ts";

export type ReservationEvent = ChannelEvent & { readonly type: `reservation.${string}` };
export type IncomingReservation = IncomingChannelEvent & { readonly event: ReservationEvent };

export interface ChannelReservationsDeps extends ChannelFactsDeps {
  readonly reserve: ReserveDeps;
  readonly notifier: Notifier;
  readonly log: Log;
  nowMs(): number;
}

/** `refused`: a conflict. */
export type ReservationTaken = {
  readonly verdict: ChannelVerdict;
  readonly outcome: "counted" | "duplicate" | "refused" | "nothing_new";
};

/** In their order: a channel that creates and commits in one batch means both. */
export async function takeInReservations(
  incoming: readonly IncomingReservation[],
  deps: ChannelReservationsDeps,
): Promise<readonly ReservationTaken[]> {
  const taken: ReservationTaken[] = [];
  for (const one of incoming) {
    try {
      taken.push(await takeIn(one, deps));
    } catch (error) {
      const isCatalogue = error instanceof Unavailable && (error.part === "catalogue" || error.part === "bundles");
      taken.push(retry(reasonOf(error), isCatalogue ? "catalogue" : "counter"));
    }
  }
  return taken;
}

const retry = (reason: string, code: "counter" | "catalogue" | "not_connected"): ReservationTaken => ({
  ...{ verdict: { kind: "retry", reason, code }, outcome: "nothing_new" },
});
const done = (outcome: ReservationTaken["outcome"]): ReservationTaken => ({ verdict: { kind: "done" }, outcome });

const dead = ({ event }: IncomingReservation, code: string, message: string): ReservationTaken => ({
  verdict: { kind: "dead", code, message, subject: `reservation ${event.reservationId}`, rest: event },
  outcome: "nothing_new",
});

async function takeIn(one: IncomingReservation, deps: ChannelReservationsDeps): Promise<ReservationTaken> {
  const { event } = one;
  if (event.type === "reservation.created") return create({ ...one, event }, deps);
  const id = await reservationIdOf(named(one));
  const coordinator = deps.reserve.coordinators.of(id);
  switch (event.type) {
    case "reservation.extended":
      return finished(one, await coordinator.extend(event.ttlMs), deps);
    case "reservation.committed":
      return finished(one, await coordinator.commit(null), deps);
    case "reservation.released":
      return finished(one, await coordinator.release(), deps);
  }
}

/** The channel's own name of it makes it the same reservation, whichever event tells of it. */
const named = ({ channel, event }: IncomingReservation) => ({
  ...{ scope: ["channel"], client: channel, idempotencyKey: event.reservationId },
});

type Created = IncomingReservation & { readonly event: ReservationEvent & { readonly type: "reservation.created" } };

async function create(one: Created, deps: ChannelReservationsDeps): Promise<ReservationTaken> {
  const { channel, correlationId, event } = one;
  const lines = await linesOf(one, deps);
  if (!lines.ok) return lines.error;
  const cause = { reason: "reservation", reference: event.reservationId, source: "channel", actor: channel };
  const outcome = await reserve(
    {
      ...named(one),
      ...{ channel, lines: lines.value, ttlMs: event.ttlMs, cause: { ...cause, correlationId } },
      ...{ commits: false, isFulfilled: false, dryRun: false },
    },
    deps.reserve,
  );
  return created(one, outcome, deps);
}

/** All or none: one name that is not known, and nothing is held. */
async function linesOf(
  one: Created,
  deps: ChannelReservationsDeps,
): Promise<Result<readonly ReservationLine[], ReservationTaken>> {
  const { channel, event } = one;
  const known = await deps.directory.get(channel);
  if (known === null) return err(dead(one, "unknown_channel", `there is no channel ${channel}`));
  const items = await resolveItems([{ channel, refs: event.lines.map(({ item }) => item) }], deps);
  const lines: ReservationLine[] = [];
  for (const { item, location, quantity } of event.lines) {
    const sku = item.sku ?? items.skuOf(channel, item.itemId);
    const answer = items.of(channel, item);
    if (answer.kind === "unsure") return err(retry("the catalogue cannot be asked", "catalogue"));
    if (sku === undefined) return err(dead(one, "unknown_item", `not known: item ${item.itemId}`));
    const locationId = location === null ? null : placeOf(known.channel, location);
    if (location !== null && locationId === null)
      return err(dead(one, "unknown_location", `not known: location ${location}`));
    lines.push({ sku, quantity, locationId });
  }
  return ok(lines);
}

async function created(
  one: Created,
  outcome: ReserveOutcome,
  deps: ChannelReservationsDeps,
): Promise<ReservationTaken> {
  switch (outcome.kind) {
    case "granted":
      return done("counted");
    case "replayed":
      return done("duplicate");
    case "unanswered":
      return retry(outcome.reason, "counter");
    case "importing":
      return retry(`SKU ${outcome.sku} is not connected yet`, "not_connected");
    case "refused":
      if (outcome.refusals.some(({ refusal }) => mayPass(refusal))) return retry("refused for the moment", "counter");
      return conflict(one, outcome.refusals.map(({ sku, refusal }) => `${sku}: ${refusal.kind}`).join(", "), deps);
    case "unknown_sku":
      return dead(one, outcome.kind, `not known: SKU ${outcome.sku}`);
    case "key_reused":
      return dead(one, outcome.kind, "another reservation has this name");
    case "broken_bundle":
    case "too_many_skus":
    case "nowhere":
      return dead(one, outcome.kind, "its bundles cannot be held so");
  }
}

/** A lease ends, an import too, and what is not certain is so within seconds. */
const mayPass = (refusal: Refusal): boolean =>
  refusal.kind === "locked" ||
  refusal.kind === "not_connected" ||
  (refusal.kind === "insufficient" && refusal.isPending);

async function finished(
  one: IncomingReservation,
  reply: FinishReply,
  deps: ChannelReservationsDeps,
): Promise<ReservationTaken> {
  const isRelease = one.event.type === "reservation.released";
  switch (reply.kind) {
    case "done":
      return done("counted");
    case "repeated":
      return done("duplicate");
    case "unknown":
      return retry("nobody has told of its creation yet", "not_connected");
    case "undecided":
      return retry("it is being decided", "counter");
    case "not_held":
      return conflict(one, `only ${reply.held} are held`, deps);
    case "expired":
      return isRelease ? done("nothing_new") : conflict(one, "it has expired", deps);
    case "already_released":
      return conflict(one, "it was released", deps);
    case "already_committed":
      return conflict(one, "it was committed", deps);
  }
}

/** The channel goes on as if it had what it asked for; somebody must tell it. */
async function conflict(
  { channel, correlationId, eventId, event }: IncomingReservation,
  why: string,
  { notifier, log, nowMs }: ChannelReservationsDeps,
): Promise<ReservationTaken> {
  const notification: Notification = {
    ...{ id: `conflict/${eventId}`, kind: "channel.conflict", severity: "warning", subject: channel },
    title: `${channel}: ${event.type} ${event.reservationId} was refused`,
    text: `${why}. The channel has said that it is so: settle it there, or bring the stock.`,
    ...{ atMs: nowMs(), sku: null, locationId: null, channel, correlationId },
    data: { reservationId: event.reservationId, type: event.type },
  };
  log("warn", "channel.conflict", { shop: channel, topic: event.type, eventId, correlationId, reason: why });
  await notifier.publish([notification]);
  return done("refused");
}
