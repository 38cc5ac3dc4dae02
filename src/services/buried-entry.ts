/** A dead letter that was stored, as the journal keeps it. */
import type { JournalEntry } from "../domain/journal/entry.ts";
import type { DeadLetter } from "./dead-letters.ts";

export const buriedEntry = (letter: DeadLetter, atMs: number): JournalEntry => ({
  ...{ atMs, correlationId: letter.correlationId, step: "buried", eventId: letter.eventId, topic: letter.topic },
  ...{ shop: letter.shop, outcome: "stored", code: letter.errors[0]?.code ?? "unknown" },
});
