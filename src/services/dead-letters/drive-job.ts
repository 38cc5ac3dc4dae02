/**
 * Drives a job over dead letters, for as long as it is allowed to: tally, next step, one write, again. Sent first, marked
 * after: a driver that dies between the two leaves a page that is sent once more, and counts once.
 */
import { type JobPace, nextStep } from "../../domain/dead-letters/replay-job.ts";
import type { Meter } from "../../domain/telemetry/meter.ts";
import type { Log } from "../../observability/log.ts";
import type { StoredDeadLetter } from "../dead-letters.ts";
import { type ReplayDeps, sendLetters } from "../replay-dead-letter.ts";
import type { DeadLetterJobStore, ItemOutcome, JobPageItem, JobTrigger, NewJob } from "./jobs.ts";

export interface DriveJobDeps {
  readonly jobs: DeadLetterJobStore;
  readonly replay: Omit<ReplayDeps, "store">;
  readonly meter: Meter;
  readonly log: Log;
  readonly pace: JobPace;
  /** What was sent and not heard of for so long is no longer waited for: its word may be lost, its event is not. */
  readonly unheardMs: number;
  readonly leaseMs: number;
  readonly pollMs: number;
  nowMs(): number;
  newId(): string;
  wait(ms: number): Promise<unknown>;
}

export type Driven =
  /** It is over, or was already. */
  | "over"
  /** The time was up: it goes on. */
  | "unfinished";

export async function driveJob(jobId: string, budgetMs: number, deps: DriveJobDeps): Promise<Driven> {
  const owner = deps.newId();
  const endMs = deps.nowMs() + budgetMs;
  try {
    while (deps.nowMs() < endMs) {
      const nowMs = deps.nowMs();
      const lease = { owner, untilMs: nowMs + deps.leaseMs };
      const tally = await deps.jobs.tally(jobId, lease, nowMs - deps.unheardMs, nowMs);
      if (tally === null) return "over";
      const step = nextStep(tally, deps.pace);
      if (step.kind === "finish") {
        await deps.jobs.finish(jobId, deps.nowMs());
        return "over";
      }
      if (step.kind === "wait") await deps.wait(deps.pollMs);
      else if (step.kind === "send") await sendPage(tally, step.letters, deps);
      else count("discarded", await deps.jobs.discardPage(tally, step.letters, deps.nowMs()), deps.meter);
    }
    return "unfinished";
  } finally {
    await deps.jobs.release(jobId, owner);
  }
}

async function sendPage(job: NewJob, letters: number, deps: DriveJobDeps): Promise<void> {
  const page = await deps.jobs.page(job.id, letters);
  const open = page.flatMap(({ letter }) => (letter?.status === "waiting" ? [letter] : []));
  const { sent, fault } = await sendLetters(open, job.id, deps.replay);
  const outcomes = page.flatMap((item) => outcomeOf(item, sent));
  await deps.jobs.mark(job, outcomes, deps.nowMs());
  const byOrigin = new Map<string, number>();
  for (const { origin, id } of open) {
    const kind = sent.get(id)?.kind;
    if (kind === "sent" || kind === "done") byOrigin.set(origin, (byOrigin.get(origin) ?? 0) + 1);
  }
  for (const [origin, by] of byOrigin) {
    const queue = queueOf(origin);
    deps.meter.count("onhand_dead_letter_replayed_total", { queue, by: BY[job.trigger] }, by);
    deps.log("info", "dead_letter.replayed", { queue, outcome: BY[job.trigger], counts: { letters: by } });
  }
  if (fault !== null) throw fault; // what was sent is marked; the rest waits for the next driver
}

const BY: Readonly<Record<JobTrigger, string>> = { operator: "job", breaker: "automatic", minute: "automatic" };

/** Nothing is said of an item that was not sent for a fault: it still waits. */
function outcomeOf(
  { seq, letterId, letter }: JobPageItem,
  sent: Awaited<ReturnType<typeof sendLetters>>["sent"],
): readonly ItemOutcome[] {
  const skipped = (detail: string) => [
    { seq, letterId, state: "skipped" as const, deaths: letter?.deaths ?? -1, detail },
  ];
  if (letter === null) return skipped("it is gone");
  if (letter.status !== "waiting") return skipped(`it was ${letter.status} meanwhile`);
  const outcome = sent.get(letterId);
  const about = { seq, letterId, deaths: letter.deaths };
  switch (outcome?.kind) {
    case undefined:
      return [];
    case "sent":
      return [{ ...about, state: "sent", detail: null }];
    case "done":
      return [{ ...about, state: "replayed", detail: null }];
    case "not_replayable":
      return [{ ...about, state: "failed", detail: outcome.reason }];
  }
}

function count(what: "discarded", byOrigin: ReadonlyMap<string, number>, meter: Meter): void {
  for (const [origin, by] of byOrigin) meter.count(`onhand_dead_letter_${what}_total`, { queue: queueOf(origin) }, by);
}

/** As metrics label it: where it died. */
export const queueOf = (origin: StoredDeadLetter["origin"] | string): string => origin.replace(/^queue\//, "");
