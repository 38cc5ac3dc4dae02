/**
 * What a coordinator asks of one counter, in the counter's words, and its answer in the coordinator's. One call each, with a
 * deadline; nothing is thrown, because no answer is an answer here.
 */
import type { AskedEvent, CounterEvent, EventOutcome } from "../../domain/counter/counter-event.ts";
import type { HoldOutcome } from "../../domain/counter/hold.ts";
import type { MovementRequest } from "../../domain/counter/movement.ts";
import { fromStore, type MovementKey } from "../../domain/ids.ts";
import type { LevelsView } from "../../domain/levels-view.ts";
import type { Refusal } from "../../domain/reservation/refusal.ts";
import type { Task, TaskAnswer } from "../../domain/reservation/task.ts";
import { reasonOf } from "../../observability/log.ts";
import type { ApplyReply, Counters } from "../counter-contract.ts";
import { inTime } from "../with-deadline.ts";

export interface AskCounterDeps {
  readonly counters: Counters;
  readonly callMsMax: number;
  /** The counter answers what would be, and writes nothing. */
  readonly dryRun?: boolean;
  /** Goes on beside the answer. */
  mirror(views: readonly LevelsView[]): void;
}

type CommitTask = Task & { readonly kind: "commit" };

export async function askCounter(task: Task, deps: AskCounterDeps): Promise<TaskAnswer> {
  try {
    const reply = await tell(task, [eventOf(task)], deps);
    if (reply.kind === "not_connected") return notConnected(task);
    const [outcome] = reply.outcomes;
    if (outcome === undefined) return { kind: "unanswered", reason: "the counter left it out" };
    if (task.kind === "commit" && isUnheld(outcome)) return await bookAnyway(task, deps);
    return answerOf(task, outcome);
  } catch (error) {
    return { kind: "unanswered", reason: reasonOf(error) };
  }
}

async function tell({ skuId }: Task, events: readonly CounterEvent[], deps: AskCounterDeps): Promise<ApplyReply> {
  const { counters, callMsMax, dryRun = false, mirror } = deps;
  const reply = await inTime(callMsMax, () => counters.of(skuId).apply(events, { dryRun }));
  if (reply.kind === "applied" && !dryRun) mirror([reply.view]);
  return reply;
}

function eventOf(task: Task): AskedEvent {
  switch (task.kind) {
    case "hold": {
      const { holdKey: reservationId, parts, expiresAtMs, fingerprint, client, channel, cause } = task;
      const lines = parts.map(({ locationId, quantity }) => ({ locationId, quantity }));
      return { kind: "hold", request: { reservationId, fingerprint, lines, expiresAtMs, client, channel, cause } };
    }
    case "extend": {
      const { correlationId } = task.cause;
      return { kind: "extend_hold", reservationId: task.holdKey, expiresAtMs: task.expiresAtMs, correlationId };
    }
    case "commit": {
      const { holdKey: reservationId, units: lines, decidedAtMs, isFulfilled, cause } = task;
      return { kind: "end_hold", end: { how: "commit", reservationId, lines, decidedAtMs, isFulfilled, cause } };
    }
    case "release":
      return { kind: "end_hold", end: { how: "release", reservationId: task.holdKey, cause: task.cause } };
    case "release_stray": {
      const { holdKey: reservationId, cause } = task.stray;
      return { kind: "end_hold", end: { how: "release", reservationId, cause } };
    }
  }
}

/** For a hold that is a refusal; what was decided comes again until it is heard. */
const notConnected = (task: Task): TaskAnswer =>
  task.kind === "hold"
    ? { kind: "refused", refusal: { kind: "not_connected" } }
    : { kind: "unanswered", reason: "the counter is not connected" };

function answerOf(task: Task, outcome: EventOutcome): TaskAnswer {
  switch (outcome.kind) {
    case "held":
      return { kind: "held", held: outcome.holds };
    case "held_already":
      return outcome.state === "held" ? { kind: "held", held: outcome.holds } : { kind: "gone" };
    case "hold_extended":
    case "hold_ended":
      return { kind: "done" };
    case "hold_ended_already":
      return task.kind === "extend" ? { kind: "gone" } : { kind: "done" };
    case "unknown_hold":
    case "hold_expired":
      return { kind: "gone" };
    default:
      return task.kind === "hold" ? refusedHold(task, outcome) : { kind: "unanswered", reason: outcome.kind };
  }
}

function refusedHold(task: Task & { readonly kind: "hold" }, outcome: EventOutcome): TaskAnswer {
  const refusal = refusalOf(task, outcome);
  return refusal === null ? { kind: "unanswered", reason: outcome.kind } : { kind: "refused", refusal };
}

function refusalOf({ parts }: Task & { readonly kind: "hold" }, outcome: EventOutcome): Refusal | null {
  switch (outcome.kind) {
    case "hold_refused":
      return shortOf(parts, outcome);
    case "over_limit":
      return { kind: "over_limit", limit: outcome.limit, allowed: outcome.allowed, held: outcome.held };
    case "no_such_location":
      return { kind: "unknown_location", known: outcome.known };
    case "locked":
      return { kind: "locked", untilMs: outcome.untilMs };
    default:
      return null;
  }
}

/** The counter sums lines of one place before it looks; each of them is short then. */
function shortOf(
  parts: (Task & { readonly kind: "hold" })["parts"],
  { short, shortage }: HoldOutcome & { readonly kind: "hold_refused" },
): Refusal {
  const lines = parts.flatMap(({ line, each, quantity, locationId }) => {
    const place = short.find((one) => one.locationId === locationId);
    return place === undefined ? [] : [{ line, each, wanted: quantity, left: Math.max(0, place.bearable) }];
  });
  const locations = shortage.locations.map(({ locationId, floor }) => ({ locationId, left: Math.max(0, floor) }));
  return { kind: "insufficient", short: lines, isPending: shortage.pending ?? false, locations };
}

/** What was decided is booked, though its counter knows nothing of the hold any more (it was restored to an older state). */
const isUnheld = (outcome: EventOutcome): boolean =>
  outcome.kind === "unknown_hold" ||
  outcome.kind === "exceeds_hold" ||
  (outcome.kind === "hold_ended_already" && outcome.state !== "committed");

async function bookAnyway(task: CommitTask, deps: AskCounterDeps): Promise<TaskAnswer> {
  const reply = await tell(
    task,
    task.units.map((_, n): AskedEvent => ({ kind: "movement", request: saleOf(task, n) })),
    deps,
  );
  if (reply.kind === "not_connected") return notConnected(task);
  const refused = reply.outcomes.find(({ kind }) => kind !== "applied" && kind !== "duplicate");
  return refused === undefined ? { kind: "done" } : { kind: "unanswered", reason: refused.kind };
}

function saleOf({ holdKey, units, decidedAtMs, isFulfilled, cause }: CommitTask, n: number): MovementRequest {
  const { locationId = null, quantity = 0 } = units[n] ?? {};
  return {
    key: fromStore<MovementKey>(`sale/${holdKey}/${n}`),
    fingerprint: `${quantity}`,
    kind: "sale",
    locationId,
    delta: -quantity,
    moves: { committed: isFulfilled ? 0 : quantity },
    allowNegative: true,
    cause,
    occurredAtMs: decidedAtMs,
  };
}
