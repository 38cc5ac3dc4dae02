/** What the event consumer did with each message of a batch, as the journal keeps it. */

import { fromStore } from "../domain/ids.ts";
import type { JournalEntry } from "../domain/journal/entry.ts";
import { maskText } from "../domain/mask-text.ts";
import type { MirrorWrite } from "../services/mirror.ts";
import type { EventAccount } from "../services/take-in-events.ts";
import { type Envelope, senderOf } from "./envelope.ts";

/** How one message was settled. `reason` of a message that comes again, `code` of one that died. */
export type EventEnding =
  | { readonly kind: "taken"; readonly account: EventAccount }
  | { readonly kind: "dead"; readonly code: string; readonly account: EventAccount }
  | { readonly kind: "postponed"; readonly reason: string; readonly account: EventAccount }
  | { readonly kind: "retried"; readonly attempt: number; readonly reason: string; readonly account: EventAccount };

/** Of a reason that came with an error, whoever threw it: masked before it is cut, so that no half of a secret is left. */
const REASON_CHARS_MAX = 120;

export function consumedEntry(envelope: Envelope, ending: EventEnding, atMs: number): JournalEntry {
  const { id: eventId, correlationId, kind: topic, receivedAt } = envelope;
  const { skuIds } = ending.account;
  const entry: Omit<JournalEntry, "outcome"> = {
    ...{
      atMs,
      correlationId,
      step: "consumed",
      eventId,
      topic,
      shop: senderOf(envelope),
      ms: Math.max(0, atMs - receivedAt),
    },
    ...(skuIds.length === 0 ? {} : { skuIds }),
  };
  switch (ending.kind) {
    case "taken":
      return { ...entry, outcome: ending.account.outcome };
    case "dead":
      return { ...entry, outcome: "dead", code: ending.code };
    case "postponed":
      return { ...entry, outcome: "postponed", code: maskText(ending.reason, REASON_CHARS_MAX) };
    case "retried":
      return {
        ...entry,
        outcome: "retried",
        code: maskText(`try ${ending.attempt}: ${ending.reason}`, REASON_CHARS_MAX),
      };
  }
}

/** A message whose envelope cannot be read has the platform's name, and no other. */
export const unreadableEntry = (queue: string, messageId: string, ending: string, atMs: number): JournalEntry => ({
  ...{
    atMs,
    correlationId: fromStore(messageId),
    step: "consumed",
    eventId: messageId,
    topic: "unreadable",
    shop: null,
  },
  ...(ending === "buried"
    ? { outcome: "dead", code: "unreadable" }
    : { outcome: "retried", code: `not kept: ${queue}` }),
});

/** The entries once it is known what became of their levels in the mirror. */
export async function withMirrored(
  entries: readonly JournalEntry[],
  mirrored: Promise<MirrorWrite | null>,
  nowMs: () => number,
): Promise<readonly JournalEntry[]> {
  const write = await mirrored;
  if (write === null || write.kind === "disabled") return entries;
  const note = { outcome: write.kind, atMs: nowMs() };
  return entries.map((entry) => (entry.skuIds === undefined ? entry : { ...entry, mirrored: note }));
}
