/**
 * Consumer of every dead-letter queue: store, then ack. It has no queue behind it, so it never gives up on its own: each
 * failure waits longer, up to an hour, for as many tries as the platform allows.
 */
import type { MessageBatch } from "@cloudflare/workers-types";
import { backoffSeconds } from "../domain/backoff.ts";
import type { JournalEntry } from "../domain/journal/entry.ts";
import type { Log } from "../observability/log.ts";
import { reasonOf } from "../observability/log.ts";
import { buriedEntry } from "../services/buried-entry.ts";
import type { DeadLetterStore, LastReasonStore } from "../services/dead-letters.ts";
import { eventIdOf, letterOf, NO_ANSWER, wordsOf } from "./dead-letter-message.ts";
import type { QueueSpec } from "./queue-table.ts";

export interface ConsumeDeadLettersDeps {
  readonly store: DeadLetterStore;
  /** For messages that died without a word. */
  readonly reasons: Pick<LastReasonStore, "find">;
  /** Best effort, beside the settlement. */
  journal(entries: readonly JournalEntry[]): void;
  readonly log: Log;
  nowMs(): number;
  random(): number;
}

export async function consumeDeadLetters(
  batch: MessageBatch<unknown>,
  spec: QueueSpec,
  deps: ConsumeDeadLettersDeps,
): Promise<void> {
  await Promise.all(
    batch.messages.map(async (message) => {
      try {
        const words = wordsOf(message, batch.queue);
        const earlier = words.code === NO_ANSWER ? await deps.reasons.find(words.queue, eventIdOf(message)) : null;
        const letter = await letterOf(words, earlier);
        await deps.store.put([letter], deps.nowMs());
        message.ack();
        deps.journal([buriedEntry(letter, deps.nowMs())]);
        const { id: deadLetterId, correlationId, topic } = letter;
        deps.log("warn", "dead_letter.stored", { queue: batch.queue, deadLetterId, correlationId, topic });
      } catch (error) {
        const delaySeconds = backoffSeconds(message.attempts, spec, deps.random);
        const { attempts } = message;
        deps.log("error", "dead_letter.not_stored", {
          queue: batch.queue,
          attempts,
          delaySeconds,
          reason: reasonOf(error),
        });
        message.retry({ delaySeconds });
      }
    }),
  );
}
