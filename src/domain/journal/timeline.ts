/** One timeline of what several witnesses tell of a cause: the journal, counters, gates and dead letters. Pure. */
import type { Movement } from "../counter/movement.ts";
import type { ChannelId, CorrelationId, LocationId, ShopDomain, Sku } from "../ids.ts";
import type { StoredEntry } from "./entry.ts";
import type { PushTrace } from "./push-trace.ts";

/** In the order in which they can follow each other: steps of one millisecond are shown so. */
const ORDER = [
  ...["received", "written", "queued", "movement", "consumed", "mirrored", "buried"],
  ...["edited", "replayed", "discarded", "outlined"],
  ...["submitted", "push.queued", "push.sent", "push.answered", "told", "notified"],
] as const;

export type TraceStep = {
  readonly atMs: number;
  readonly step: (typeof ORDER)[number];
  readonly outcome: string;
  readonly topic?: string;
  readonly shop?: ShopDomain | ChannelId;
  readonly eventId?: string;
  readonly skus?: readonly Sku[];
  readonly code?: string;
  /** How long it took. */
  readonly ms?: number;
  /** In words, for people. */
  readonly detail?: string;
  readonly locationId?: LocationId;
  readonly delta?: number;
  readonly pushKey?: string;
  readonly callKey?: string;
  readonly deadLetterId?: string;
  /** The step carries what this cause changed, though another cause asked for it. */
  readonly cause?: CorrelationId;
};

/** Of a dead letter: its deaths that are still known, and what was done with it. */
export type LetterTrace = {
  readonly id: string;
  readonly topic: string;
  readonly shop: ShopDomain | ChannelId | null;
  readonly eventId: string;
  readonly status: string;
  readonly subject: string | null;
  readonly errors: readonly { readonly code: string; readonly message: string; readonly atMs: number }[];
  readonly trail: readonly {
    readonly what: "died" | "edited" | "replayed" | "discarded" | "outlined";
    readonly atMs: number;
    readonly actor: string | null;
    readonly detail: string | null;
  }[];
};

export type Witnesses = {
  readonly correlationId: CorrelationId;
  readonly entries: readonly StoredEntry[];
  readonly movements: readonly { readonly sku: Sku; readonly movement: Movement }[];
  readonly pushes: readonly PushTrace[];
  readonly letters: readonly LetterTrace[];
  /** As the counters are called now. */
  readonly skuOf: ReadonlyMap<string, Sku>;
};

export function timelineOf(witnesses: Witnesses): readonly TraceStep[] {
  const { entries, movements, pushes, letters } = witnesses;
  const letterEvents = new Set(letters.map(({ eventId }) => eventId));
  const steps = [
    // A letter tells each of its deaths itself, and better.
    ...entries
      .filter(({ step, eventId }) => step !== "buried" || eventId === null || !letterEvents.has(eventId))
      .flatMap((entry) => ofEntry(entry, witnesses)),
    ...movements.map(({ sku, movement }) => ofMovement(sku, movement)),
    ...pushes.flatMap((push) => ofPush(push, witnesses)),
    ...letters.flatMap(ofLetter),
  ];
  return steps.sort((a, b) => a.atMs - b.atMs || ORDER.indexOf(a.step) - ORDER.indexOf(b.step));
}

function ofEntry(entry: StoredEntry, { skuOf }: Witnesses): readonly TraceStep[] {
  const { atMs, step, outcome, topic, shop, eventId, skuIds = [], code, ms, mirrored } = entry;
  const skus = skuIds.map((skuId) => skuOf.get(skuId) ?? (skuId as string as Sku));
  const about = {
    topic,
    ...(shop === null ? {} : { shop }),
    ...(eventId === null ? {} : { eventId }),
    ...(skus.length === 0 ? {} : { skus }),
  };
  const told: TraceStep = {
    ...{ atMs, step, outcome, ...about },
    ...(code === undefined ? {} : { code }),
    ...(ms === undefined ? {} : { ms }),
  };
  // The receiver answers when the queue has it: two steps in one entry.
  if (step === "received" && outcome === "queued")
    return [
      { atMs, step, outcome: "accepted", ...about },
      { atMs: atMs + (ms ?? 0), step: "queued", outcome: "queued", ...about },
    ];
  if (mirrored === undefined) return [told];
  return [told, { atMs: mirrored.atMs, step: "mirrored", outcome: mirrored.outcome, ...about }];
}

function ofMovement(sku: Sku, movement: Movement): TraceStep {
  const { kind, recordedAtMs, locationId, delta, before, after, cause } = movement;
  const detail = `${cause.reason}: ${before} → ${after} at ${locationId}`;
  return { atMs: recordedAtMs, step: "movement", outcome: kind, skus: [sku], locationId, delta, detail };
}

function ofPush(push: PushTrace, { correlationId, skuOf }: Witnesses): readonly TraceStep[] {
  const { pushKey, skuId, listingId, callKey, lastCode, answer, state, tries } = push;
  const about = {
    ...{ shop: listingId.slice(0, listingId.indexOf("/")) as ShopDomain, pushKey },
    skus: [skuOf.get(skuId) ?? (skuId as string as Sku)],
    ...(push.correlationId === correlationId ? {} : { cause: push.correlationId }),
  };
  const rows = push.rows.map(({ location, delta }) => `${delta > 0 ? "+" : ""}${delta} at ${location}`).join(", ");
  const queued: TraceStep = {
    ...{ atMs: push.submittedAtMs, step: "push.queued", outcome: push.kind, ...about, detail: rows },
  };
  if (push.firstSentAtMs === null) {
    const waits = answer === null ? { ...queued, outcome: state } : queued;
    return [waits, ...answered(push, about)];
  }
  const sent: TraceStep = {
    ...{ atMs: push.firstSentAtMs, step: "push.sent", outcome: answer === null ? state : "sent", ...about },
    ...(callKey === null ? {} : { callKey }),
    ...(lastCode === null ? {} : { code: lastCode }),
    ...(tries > 1 ? { detail: `in ${tries} calls` } : {}),
  };
  return [queued, sent, ...answered(push, about)];
}

function answered(
  { answer, settledAtMs, submittedAtMs, callKey }: PushTrace,
  about: Partial<TraceStep>,
): readonly TraceStep[] {
  if (answer === null || settledAtMs === null) return [];
  return [
    {
      ...{ ...about, atMs: settledAtMs, step: "push.answered", outcome: answer.kind, ms: settledAtMs - submittedAtMs },
      ...(callKey === null ? {} : { callKey }),
      ...(answer.kind === "failed" ? { code: answer.code } : {}),
    },
  ];
}

function ofLetter(letter: LetterTrace): readonly TraceStep[] {
  const { id: deadLetterId, topic, shop, eventId, errors, trail, subject, status } = letter;
  const about = { topic, ...(shop === null ? {} : { shop }), eventId, deadLetterId };
  const deaths = errors.map(
    ({ atMs, code, message }): TraceStep => ({
      ...{ atMs, step: "buried", outcome: status, ...about, code },
      detail: subject === null ? message : `${message} (${subject})`,
    }),
  );
  // Its trail tells deaths together, one after the other of a class; its errors tell each.
  const acts = trail.flatMap(({ what, atMs, actor, detail }): TraceStep[] => {
    if (what === "died") return [];
    const by = [...(actor === null ? [] : [`by ${actor}`]), ...(detail === null ? [] : [detail])].join(": ");
    return [{ atMs, step: what, outcome: status, ...about, ...(by === "" ? {} : { detail: by }) }];
  });
  return [...deaths, ...acts];
}
