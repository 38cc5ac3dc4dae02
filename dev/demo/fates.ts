/**
 * What became of each event that Onhand said 2xx to. Pure: what the senders wrote down, against Onhand's own journal and its
 * dead letters. An event without an end is lost, and one that was counted twice invents stock.
 */
import type { AcceptedEvent } from "./accepted.ts";

/** Of the event journal. */
export type JournalRow = { readonly eventId: string; readonly step: string; readonly outcome: string };

export type DeadLetterRow = { readonly eventId: string; readonly status: string };

/** The ends that an event can have; a delivery has one of them. */
export const ENDS = ["counted", "nothing_new", "duplicate", "dropped", "dead"] as const;
export type End = (typeof ENDS)[number];

export type Fates = {
  readonly accepted: number;
  readonly deliveries: number;
  /** Ends of deliveries. */
  readonly ends: Readonly<Record<End, number>>;
  /** Accepted, and nothing says what became of them (all of their deliveries, or some). */
  readonly forgotten: readonly AcceptedEvent[];
  /** Booked more than once. */
  readonly countedTwice: readonly AcceptedEvent[];
  /** Dead letters that still wait, of accepted events. */
  readonly waiting: readonly string[];
};

export function fatesOf(
  accepted: readonly AcceptedEvent[],
  journal: readonly JournalRow[],
  letters: readonly DeadLetterRow[],
): Fates {
  const endsOf = Map.groupBy(
    journal.flatMap((row) => {
      const end = endOf(row);
      return end === null ? [] : [{ eventId: row.eventId, end }];
    }),
    ({ eventId }) => eventId,
  );
  const ends: Record<End, number> = { counted: 0, nothing_new: 0, duplicate: 0, dropped: 0, dead: 0 };
  const forgotten: AcceptedEvent[] = [];
  const countedTwice: AcceptedEvent[] = [];
  for (const event of accepted) {
    const own = (endsOf.get(event.eventId) ?? []).map(({ end }) => end);
    for (const end of own) ends[end] += 1;
    if (own.length < event.times) forgotten.push(event);
    if (BOOKED.test(event.topic) && own.filter((end) => end === "counted").length > 1) countedTwice.push(event);
  }
  const waiting = letters.filter(({ status }) => status === "waiting").map(({ eventId }) => eventId);
  const deliveries = accepted.reduce((sum, { times }) => sum + times, 0);
  return { accepted: accepted.length, deliveries, ends, forgotten, countedTwice, waiting };
}

/**
 * Topics whose events are booked one by one, each under its own key. Orders and refunds are not: they reserve until a level shows
 * their units, and a late duplicate may do so once more for a moment. That their units count once is for the accounts to show.
 * Of other channels all are but counts: one that waits is told the same again.
 */
const BOOKED = /^(fulfillments\/|orders\/fulfilled$|order\.|shipment\.|stock\.(?!counted))/;

/** Of those that the receiver itself ended; what it queued ends at the consumer. */
const RECEIVED_ENDS: Readonly<Record<string, End>> = { dropped: "dropped", buried: "dead" };

function endOf({ step, outcome }: JournalRow): End | null {
  if (step === "received") return RECEIVED_ENDS[outcome] ?? null;
  if (step !== "consumed") return null;
  switch (outcome) {
    case "counted":
    case "nothing_new":
    case "duplicate":
    case "dead":
      return outcome;
    default:
      return null; // tried again: not its end
  }
}
