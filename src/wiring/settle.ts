/** How a message that was not done with ends: tried again, or buried with the reason. Needs no configuration. */
import { consoleLog as log, reasonOf } from "../observability/log.ts";
import { type LastWords, letterOf } from "../queues/dead-letter-message.ts";
import { specOf } from "../queues/queue-table.ts";
import type { SettleDeps } from "../queues/settle.ts";
import { buriedEntry } from "../services/buried-entry.ts";
import type { LastReason } from "../services/dead-letters.ts";
import { d1LastReasons } from "../store/d1-last-reasons.ts";
import { deadLettersOf } from "./dead-letters.ts";
import { journalBeside, journalOf } from "./journal.ts";
import { queueOf } from "./queues.ts";
import { meterOf } from "./telemetry.ts";

const nowMs = (): number => Date.now();

/** D1 first; when that is away, the dead-letter queue of where it died, which outlasts days. */
async function keepLastWords(env: Env, words: LastWords): Promise<boolean> {
  try {
    const letter = await letterOf(words);
    await deadLettersOf(env).put([letter], nowMs());
    journalOf(env).leave([buriedEntry(letter, nowMs())]);
    const { id: deadLetterId, correlationId, topic } = letter;
    log("warn", "dead_letter.stored", { queue: words.queue, deadLetterId, correlationId, topic, code: words.code });
    return true;
  } catch (error) {
    log("error", "dead_letter.not_stored", { queue: words.queue, code: words.code, reason: reasonOf(error) });
  }
  const deadLetterQueue = queueOf(env, specOf(words.queue)?.deadLetterQueue ?? "");
  if (deadLetterQueue === undefined) return false;
  try {
    await deadLetterQueue.send(words);
    return true;
  } catch (error) {
    log("error", "dead_letter.not_queued", { queue: words.queue, reason: reasonOf(error) });
    return false;
  }
}

/** Needs no configuration: what is misconfigured can still be buried. */
export function settleDeps(env: Env, ctx: ExecutionContext): SettleDeps {
  return {
    deadLetter: (words) => keepLastWords(env, words),
    noteReason: (reason) => ctx.waitUntil(noteReason(env, reason)),
    journal: journalBeside(env, ctx),
    log,
    meter: meterOf(env),
    nowMs,
    random: Math.random,
  };
}

async function noteReason(env: Env, reason: LastReason): Promise<void> {
  try {
    await d1LastReasons(env.DB).note([reason]);
  } catch (error) {
    log("warn", "last_reason.not_noted", { queue: reason.queue, reason: reasonOf(error) });
  }
}
