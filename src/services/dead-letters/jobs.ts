/**
 * A named job over all dead letters that matched a filter when it was made: replayed, or discarded. Which letters, and what
 * became of each, is written down item by item, so that any driver goes on where another died.
 */
import type { JobAction, JobTally } from "../../domain/dead-letters/replay-job.ts";
import type { CorrelationId } from "../../domain/ids.ts";
import type { DeadLetterMatch, DeadLetterSummary, StoredDeadLetter } from "../dead-letters.ts";

/** Who asked: a person, a breaker that closed, or the minute that found letters due. */
export type JobTrigger = "operator" | "breaker" | "minute";
export const JOB_STATUSES = ["running", "done", "cancelled"] as const;
export type JobStatus = (typeof JOB_STATUSES)[number];

export const ITEM_STATES = [
  "waiting",
  /** On its way, and not heard of yet. */
  "sent",
  /** It was processed: it counts. */
  "replayed",
  "died_again",
  /** It cannot be replayed: `detail` says why. */
  "failed",
  /** Somebody else had seen to it when its turn came. */
  "skipped",
  "discarded",
  "cancelled",
] as const;
export type ItemState = (typeof ITEM_STATES)[number];

/** Never its status: only letters that wait are taken. */
export type JobFilter = Omit<DeadLetterMatch, "status">;

export type NewJob = {
  readonly id: string;
  readonly name: string;
  readonly action: JobAction;
  readonly trigger: JobTrigger;
  readonly filter: JobFilter;
  /** Of a discarding. */
  readonly reason: string | null;
  readonly actor: string;
  readonly correlationId: CorrelationId;
};

export type DeadLetterJob = NewJob & {
  readonly status: JobStatus;
  readonly total: number;
  /** Items by state; a state without items is left out. */
  readonly counts: Readonly<Partial<Record<ItemState, number>>>;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  readonly endedAtMs: number | null;
};

export type JobItem = {
  readonly seq: number;
  readonly letterId: string;
  readonly state: ItemState;
  readonly detail: string | null;
  readonly atMs: number;
};

/** An item whose turn has come, and its letter; null: it is gone. */
export type JobPageItem = { readonly seq: number; readonly letterId: string; readonly letter: StoredDeadLetter | null };

export type ItemOutcome = {
  readonly seq: number;
  readonly letterId: string;
  readonly state: "sent" | "replayed" | "failed" | "skipped";
  /** Of the letter as it was read; -1: it is gone. */
  readonly deaths: number;
  readonly detail: string | null;
};

export type MatchCount = {
  readonly total: number;
  readonly groups: readonly { readonly origin: string; readonly code: string; readonly letters: number }[];
  readonly sample: readonly DeadLetterSummary[];
  /** Of them, those whose payload was cut or is only an outline. */
  readonly notReplayable: number;
};

export type DriverLease = { readonly owner: string; readonly untilMs: number };

export interface DeadLetterJobStore {
  /** What a job with this filter would take. */
  count(filter: JobFilter, sampleMax: number): Promise<MatchCount>;
  /**
   * One transaction: the job, and an item for each letter that waits and matches, oldest first.
   * @param dueMs  of the minute's: letters whose automatic replay is due by then
   * @returns the job of that name, which may be an earlier one: `isNew` says so
   */
  create(job: NewJob, nonce: string, nowMs: number, dueMs?: number): Promise<{ job: DeadLetterJob; isNew: boolean }>;
  get(idOrName: string): Promise<DeadLetterJob | null>;
  list(filter: {
    readonly status?: JobStatus | undefined;
    readonly limit: number;
    readonly cursor?: string | undefined;
  }): Promise<{ readonly jobs: readonly DeadLetterJob[]; readonly nextCursor: string | null }>;
  items(
    jobId: string,
    filter: { readonly state?: ItemState | undefined; readonly limit: number; readonly after?: number | undefined },
  ): Promise<{ readonly items: readonly JobItem[]; readonly nextAfter: number | null }>;
  /** Items that wait are taken back; what was sent stays sent. @returns null: there is none */
  cancel(id: string, nowMs: number): Promise<DeadLetterJob | null>;

  /** Jobs that run and have no driver. */
  idle(nowMs: number, limit: number): Promise<readonly string[]>;
  /** Whether letters are due for an automatic replay. */
  areDue(nowMs: number): Promise<boolean>;
  /**
   * Take or keep the job's lease, and count what is left of it.
   * @param unheardBeforeMs  what was sent before that and not heard of since is no longer waited for
   * @returns null: somebody else drives it, or it is over
   */
  tally(jobId: string, lease: DriverLease, unheardBeforeMs: number, nowMs: number): Promise<(NewJob & JobTally) | null>;
  release(jobId: string, owner: string): Promise<void>;
  page(jobId: string, limit: number): Promise<readonly JobPageItem[]>;
  /** One transaction for a page: letters, their trails, items. */
  mark(job: NewJob, outcomes: readonly ItemOutcome[], nowMs: number): Promise<void>;
  /** One transaction: the next `limit` items are discarded. @returns letters discarded, by origin */
  discardPage(job: NewJob, limit: number, nowMs: number): Promise<ReadonlyMap<string, number>>;
  finish(jobId: string, nowMs: number): Promise<void>;
  /** Replays that were processed to their end. */
  noteProcessed(marks: readonly ReplayMark[], nowMs: number): Promise<void>;
  /** Forget jobs that ended before. */
  prune(beforeMs: number): Promise<void>;
}

/** What a replayed message carries, so that its end is heard of. */
export type ReplayMark = {
  readonly letter: string;
  /** Of the letter when it was sent: a later death is another one. */
  readonly deaths: number;
  /** Null: replayed by itself, and nobody waits to hear of it. */
  readonly job: string | null;
};
