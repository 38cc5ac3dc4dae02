/** Jobs over dead letters in D1. What belongs together is one batch, which D1 runs as one transaction. */
import type { D1Database } from "@cloudflare/workers-types";
import { type CorrelationId, fromStore } from "../domain/ids.ts";
import type {
  DeadLetterJob,
  DeadLetterJobStore,
  ItemOutcome,
  ItemState,
  JobFilter,
  JobItem,
  JobPageItem,
  JobStatus,
  JobTrigger,
  MatchCount,
  NewJob,
} from "../services/dead-letters/jobs.ts";
import { whereOf } from "./dead-letter-filter.ts";
import { type LetterRow, summaryColumns, toStored, toSummary, type WholeRow } from "./dead-letter-row.ts";
import { entryOf, prepended } from "./dead-letter-trail.ts";

export type DeadLetterJobLimits = {
  readonly trailMax: number;
  /** Letters that one job takes; the rest is for another. */
  readonly lettersMax: number;
  /** Gzipped payloads of one page, in memory. */
  readonly pageBytesMax: number;
};

type JobRow = {
  id: string;
  name: string;
  action: string;
  trigger: string;
  filter: string;
  reason: string | null;
  actor: string;
  correlation_id: string;
  status: string;
  total: number;
  nonce: string;
  created_at_ms: number;
  updated_at_ms: number;
  ended_at_ms: number | null;
  counts: string;
};

const JOB = `SELECT j.*, (SELECT json_group_object(state, items) FROM
    (SELECT state, COUNT(*) AS items FROM dead_letter_job_items WHERE job_id = j.id GROUP BY state)) AS counts
  FROM dead_letter_jobs j`;

export function d1DeadLetterJobs(db: D1Database, limits: DeadLetterJobLimits): DeadLetterJobStore {
  return {
    count: (filter, sampleMax) => count(db, filter, sampleMax),
    create: (job, nonce, nowMs, dueMs) => create(db, { job, nonce, nowMs, dueMs }, limits.lettersMax),
    async get(idOrName) {
      const row = await db.prepare(`${JOB} WHERE j.id = ?1 OR j.name = ?1`).bind(idOrName).first<JobRow>();
      return row === null ? null : toJob(row);
    },
    list: (filter) => list(db, filter),
    items: (jobId, filter) => items(db, jobId, filter),
    cancel: (id, nowMs) => cancel(db, id, nowMs),
    async idle(nowMs, limit) {
      const { results } = await db
        .prepare(
          `SELECT id FROM dead_letter_jobs WHERE status = 'running' AND lease_until_ms <= ? ORDER BY created_at_ms LIMIT ?`,
        )
        .bind(nowMs, limit)
        .all<{ id: string }>();
      return results.map(({ id }) => id);
    },
    async areDue(nowMs) {
      const due = `SELECT 1 FROM dead_letters WHERE status = 'waiting' AND ${DUE} LIMIT 1`;
      return (await db.prepare(due).bind(nowMs).first()) !== null;
    },
    tally: (jobId, lease, unheardBeforeMs, nowMs) => tally(db, { jobId, lease, unheardBeforeMs, nowMs }),
    async release(jobId, owner) {
      await db
        .prepare("UPDATE dead_letter_jobs SET lease_until_ms = 0 WHERE id = ? AND lease_owner = ?")
        .bind(jobId, owner)
        .run();
    },
    page: (jobId, limit) => page(db, jobId, limit, limits.pageBytesMax),
    mark: (job, outcomes, nowMs) => mark(db, { job, outcomes, nowMs }, limits.trailMax),
    discardPage: (job, limit, nowMs) => discardPage(db, { job, limit, nowMs }, limits.trailMax),
    async finish(jobId, nowMs) {
      await db
        .prepare(
          "UPDATE dead_letter_jobs SET status = 'done', ended_at_ms = ?2, updated_at_ms = ?2 WHERE id = ?1 AND status = 'running'",
        )
        .bind(jobId, nowMs)
        .run();
    },
    noteProcessed: (marks, nowMs) => noteProcessed(db, marks, nowMs),
    async prune(beforeMs) {
      const ended = "SELECT id FROM dead_letter_jobs WHERE ended_at_ms < ?";
      await db.batch([
        db.prepare(`DELETE FROM dead_letter_job_items WHERE job_id IN (${ended})`).bind(beforeMs),
        db.prepare("DELETE FROM dead_letter_jobs WHERE ended_at_ms < ?").bind(beforeMs),
      ]);
    },
  };
}

/** Said because the planner, without statistics, would walk through all items of the job. */
const BY_STATE = "dead_letter_job_items INDEXED BY dead_letter_job_items_by_state";

/** By itself, and not on a running job's list already. */
const DUE = `auto_due_at_ms <= ? AND NOT EXISTS (
  SELECT 1 FROM dead_letter_job_items i WHERE i.letter_id = dead_letters.id AND i.state = 'waiting')`;

const WAITING = { status: "waiting" } as const;

async function count(db: D1Database, filter: JobFilter, sampleMax: number): Promise<MatchCount> {
  const { condition, values } = whereOf({ ...filter, ...WAITING });
  type Group = { origin: string; code: string; letters: number; cut: number };
  const [groups, sample] = await db.batch<Group | LetterRow>([
    db
      .prepare(
        `SELECT origin, code, COUNT(*) AS letters, SUM(truncated = 1 OR outlined_at_ms IS NOT NULL) AS cut
         FROM dead_letters WHERE ${condition} GROUP BY origin, code ORDER BY letters DESC, origin, code`,
      )
      .bind(...values),
    db
      .prepare(`SELECT ${summaryColumns()} FROM dead_letters WHERE ${condition} ORDER BY created_at_ms, id LIMIT ?`)
      .bind(...values, sampleMax),
  ]);
  const found = (groups?.results ?? []) as Group[];
  return {
    total: found.reduce((sum, { letters }) => sum + letters, 0),
    groups: found.map(({ origin, code, letters }) => ({ origin, code, letters })),
    sample: ((sample?.results ?? []) as LetterRow[]).map(toSummary),
    notReplayable: found.reduce((sum, { cut }) => sum + cut, 0),
  };
}

type Creation = {
  readonly job: NewJob;
  readonly nonce: string;
  readonly nowMs: number;
  readonly dueMs: number | undefined;
};

async function create(db: D1Database, { job, nonce, nowMs, dueMs }: Creation, lettersMax: number) {
  const { condition, values } = whereOf({ ...job.filter, ...WAITING });
  const [due, dueValues] = dueMs === undefined ? ["TRUE", []] : [DUE, [dueMs]];
  const isOurs = "EXISTS (SELECT 1 FROM dead_letter_jobs WHERE id = ? AND nonce = ? AND total = 0)";
  const { id, name, action, trigger, filter, reason, actor, correlationId } = job;
  const [, , , read] = await db.batch<JobRow>([
    db
      .prepare(
        `INSERT INTO dead_letter_jobs (id, name, action, trigger, filter, reason, actor, correlation_id, status, total, nonce,
           created_at_ms, updated_at_ms, lease_until_ms)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 'running', 0, ?9, ?10, ?10, 0) ON CONFLICT DO NOTHING`,
      )
      .bind(id, name, action, trigger, JSON.stringify(filter), reason, actor, correlationId, nonce, nowMs),
    db
      .prepare(
        `INSERT INTO dead_letter_job_items (job_id, seq, letter_id, state, at_ms)
         SELECT ?, ROW_NUMBER() OVER (ORDER BY created_at_ms, id), id, 'waiting', ? FROM dead_letters
         WHERE ${isOurs} AND ${condition} AND ${due} ORDER BY created_at_ms, id LIMIT ?`,
      )
      .bind(id, nowMs, id, nonce, ...values, ...dueValues, lettersMax),
    db
      .prepare(
        `UPDATE dead_letter_jobs SET total = (SELECT COUNT(*) FROM dead_letter_job_items WHERE job_id = ?1)
         WHERE id = ?1 AND nonce = ?2 AND total = 0`,
      )
      .bind(id, nonce),
    db.prepare(`${JOB} WHERE j.name = ?`).bind(name),
  ]);
  const row = read?.results[0];
  if (row === undefined) throw new Error(`job ${name} was not written`);
  return { job: toJob(row), isNew: row.nonce === nonce };
}

async function list(
  db: D1Database,
  { status, limit, cursor }: Parameters<DeadLetterJobStore["list"]>[0],
): ReturnType<DeadLetterJobStore["list"]> {
  const after = /^(\d{1,16})\.(.+)$/.exec(cursor ?? "");
  const conditions = [
    ...(status === undefined ? [] : ["j.status = ?"]),
    ...(after === null ? [] : ["(j.created_at_ms, j.id) < (?, ?)"]),
  ];
  const condition = conditions.length === 0 ? "" : `WHERE ${conditions.join(" AND ")}`;
  const values = [
    ...(status === undefined ? [] : [status]),
    ...(after === null ? [] : [Number(after[1]), after[2] ?? ""]),
  ];
  const { results } = await db
    .prepare(`${JOB} ${condition} ORDER BY j.created_at_ms DESC, j.id DESC LIMIT ?`)
    .bind(...values, limit + 1)
    .all<JobRow>();
  const jobs = results.slice(0, limit).map(toJob);
  const last = jobs.at(-1);
  return { jobs, nextCursor: results.length > limit && last !== undefined ? `${last.createdAtMs}.${last.id}` : null };
}

async function items(
  db: D1Database,
  jobId: string,
  { state, limit, after = 0 }: Parameters<DeadLetterJobStore["items"]>[1],
): ReturnType<DeadLetterJobStore["items"]> {
  type Row = { seq: number; letter_id: string; state: string; detail: string | null; at_ms: number };
  const { results } = await db
    .prepare(
      `SELECT seq, letter_id, state, detail, at_ms FROM dead_letter_job_items
       WHERE job_id = ? AND seq > ? ${state === undefined ? "" : "AND state = ?"} ORDER BY seq LIMIT ?`,
    )
    .bind(jobId, after, ...(state === undefined ? [] : [state]), limit + 1)
    .all<Row>();
  const found = results.slice(0, limit).map(
    (row): JobItem => ({
      ...{ seq: row.seq, letterId: row.letter_id, state: row.state as ItemState },
      ...{ detail: row.detail, atMs: row.at_ms },
    }),
  );
  return { items: found, nextAfter: results.length > limit ? (found.at(-1)?.seq ?? null) : null };
}

async function cancel(db: D1Database, id: string, nowMs: number): Promise<DeadLetterJob | null> {
  const isRunning = "(SELECT status FROM dead_letter_jobs WHERE id = ?1) = 'running'";
  const [, , read] = await db.batch<JobRow>([
    db
      .prepare(
        `UPDATE dead_letter_job_items SET state = 'cancelled', at_ms = ?2 WHERE job_id = ?1 AND state = 'waiting' AND ${isRunning}`,
      )
      .bind(id, nowMs),
    db
      .prepare(
        `UPDATE dead_letter_jobs SET status = 'cancelled', ended_at_ms = ?2, updated_at_ms = ?2 WHERE id = ?1 AND status = 'running'`,
      )
      .bind(id, nowMs),
    db.prepare(`${JOB} WHERE j.id = ?`).bind(id),
  ]);
  const row = read?.results[0];
  return row === undefined ? null : toJob(row);
}

type TallyOf = {
  readonly jobId: string;
  readonly lease: Parameters<DeadLetterJobStore["tally"]>[1];
  readonly unheardBeforeMs: number;
  readonly nowMs: number;
};

async function tally(db: D1Database, { jobId, lease, unheardBeforeMs, nowMs }: TallyOf) {
  type Left = JobRow & { waiting: number; sent: number; in_flight: number };
  const mine = "j.id = ?1 AND j.status = 'running' AND j.lease_owner = ?2";
  const [, read] = await db.batch<Left>([
    db
      .prepare(
        `UPDATE dead_letter_jobs SET lease_owner = ?2, lease_until_ms = ?3, updated_at_ms = ?4
         WHERE id = ?1 AND status = 'running' AND (lease_owner = ?2 OR lease_until_ms <= ?4)`,
      )
      .bind(jobId, lease.owner, lease.untilMs, nowMs),
    db
      .prepare(
        `SELECT j.*, '{}' AS counts,
           (SELECT COUNT(*) FROM ${BY_STATE} WHERE job_id = j.id AND state = 'waiting') AS waiting,
           (SELECT COUNT(*) FROM ${BY_STATE} WHERE job_id = j.id AND state = 'sent' AND at_ms > ?3) AS sent,
           (SELECT COUNT(*) FROM dead_letter_job_items WHERE state = 'sent' AND at_ms > ?3) AS in_flight
         FROM dead_letter_jobs j WHERE ${mine}`,
      )
      .bind(jobId, lease.owner, unheardBeforeMs),
  ]);
  const row = read?.results[0];
  if (row === undefined) return null;
  return { ...toNewJob(row), waiting: row.waiting, sent: row.sent, inFlight: row.in_flight };
}

/** Always one item at least, however large it is. */
async function page(
  db: D1Database,
  jobId: string,
  limit: number,
  pageBytesMax: number,
): Promise<readonly JobPageItem[]> {
  const { results } = await db
    .prepare(
      `WITH turn AS (
         SELECT seq, letter_id FROM ${BY_STATE} WHERE job_id = ?1 AND state = 'waiting' ORDER BY seq LIMIT ?2),
       sized AS (
         SELECT turn.seq, turn.letter_id, ROW_NUMBER() OVER (ORDER BY turn.seq) AS place,
           SUM(COALESCE(length(l.payload), 0)) OVER (ORDER BY turn.seq) AS bytes
         FROM turn LEFT JOIN dead_letters l ON l.id = turn.letter_id)
       SELECT sized.seq, sized.letter_id, ${summaryColumns("l")}, l.payload, NULL AS original
       FROM sized LEFT JOIN dead_letters l ON l.id = sized.letter_id
       WHERE sized.place = 1 OR sized.bytes <= ?3 ORDER BY sized.seq`,
    )
    .bind(jobId, limit, pageBytesMax)
    .all<WholeRow & { seq: number; letter_id: string }>();
  return Promise.all(
    results.map(async (row) => ({
      seq: row.seq,
      letterId: row.letter_id,
      letter: row.id === null ? null : await toStored(row),
    })),
  );
}

type Marking = { readonly job: NewJob; readonly outcomes: readonly ItemOutcome[]; readonly nowMs: number };

const ACT = { atMs: "?2", actor: "?3", detail: "?4" };

/**
 * Each statement begins at the page and finds its rows by key (the job stands in each item for that): the other way round
 * it would go through the page once for every item of the job. A letter that died again since it was read goes on waiting. An item whose end was heard of before this was written keeps
 * it; one that was cancelled while its page was on its way was sent all the same. Only the minute's replays count towards the most there are of a letter.
 */
async function mark(db: D1Database, { job, outcomes, nowMs }: Marking, trailMax: number): Promise<void> {
  if (outcomes.length === 0) return;
  const gone = outcomes.filter(({ state }) => state === "sent" || state === "replayed");
  const [autoBy, autoFrom] = job.trigger === "operator" ? [0, 0] : [job.trigger === "minute" ? 1 : 0, 1];
  await db.batch([
    db
      .prepare(
        `UPDATE dead_letters SET
           status = CASE WHEN dead_letters.deaths = s.deaths THEN 'replayed' ELSE dead_letters.status END,
           auto_due_at_ms = CASE WHEN dead_letters.deaths = s.deaths THEN NULL ELSE dead_letters.auto_due_at_ms END,
           auto_replays = dead_letters.auto_replays * ?6 + ?5, replays = dead_letters.replays + 1, replayed_at_ms = ?2,
           updated_at_ms = ?2, version = dead_letters.version + 1, trail = ${prepended(entryOf("replayed", ACT), trailMax)}
         FROM (SELECT value ->> 'letterId' AS id, value ->> 'deaths' AS deaths FROM json_each(?1)) AS s
         WHERE dead_letters.id = s.id`,
      )
      .bind(JSON.stringify(gone), nowMs, job.actor, job.name, autoBy, autoFrom),
    db
      .prepare(
        `UPDATE dead_letter_job_items SET at_ms = ?2, deaths = s.deaths, detail = s.detail,
           state = CASE WHEN s.state = 'sent' AND
             (SELECT l.deaths FROM dead_letters l WHERE l.id = dead_letter_job_items.letter_id) > s.deaths
             THEN 'died_again' ELSE s.state END
         FROM (SELECT value ->> 'job' AS job, value ->> 'seq' AS seq, value ->> 'state' AS state,
             value ->> 'deaths' AS deaths, value ->> 'detail' AS detail FROM json_each(?1)) AS s
         WHERE job_id = s.job AND dead_letter_job_items.seq = s.seq AND dead_letter_job_items.state IN ('waiting', 'cancelled')`,
      )
      .bind(JSON.stringify(outcomes.map((outcome) => ({ ...outcome, job: job.id }))), nowMs),
  ]);
}

async function discardPage(
  db: D1Database,
  { job, limit, nowMs }: { readonly job: NewJob; readonly limit: number; readonly nowMs: number },
  trailMax: number,
): Promise<ReadonlyMap<string, number>> {
  const turn = `SELECT seq, letter_id FROM ${BY_STATE} WHERE job_id = ?1 AND state = 'waiting' ORDER BY seq LIMIT ?5`;
  const [discarded] = await db.batch<{ origin: string }>([
    db
      .prepare(
        `UPDATE dead_letters SET status = 'discarded', auto_due_at_ms = NULL, updated_at_ms = ?2, version = version + 1,
           trail = ${prepended(entryOf("discarded", ACT), trailMax)}
         WHERE status = 'waiting' AND id IN (SELECT letter_id FROM (${turn})) RETURNING origin`,
      )
      .bind(job.id, nowMs, job.actor, job.reason, limit),
    db
      .prepare(
        `UPDATE dead_letter_job_items SET at_ms = ?2,
           state = CASE WHEN (SELECT status FROM dead_letters WHERE id = letter_id AND updated_at_ms = ?2) = 'discarded'
             THEN 'discarded' ELSE 'skipped' END
         WHERE job_id = ?1 AND seq IN (SELECT seq FROM (${turn.replace("?5", "?3")}))`,
      )
      .bind(job.id, nowMs, limit),
  ]);
  const byOrigin = new Map<string, number>();
  for (const { origin } of discarded?.results ?? []) byOrigin.set(origin, (byOrigin.get(origin) ?? 0) + 1);
  return byOrigin;
}

/** May come before the page is marked: the letter is settled here as well, so that a driver's death in between changes nothing. */
async function noteProcessed(
  db: D1Database,
  marks: Parameters<DeadLetterJobStore["noteProcessed"]>[0],
  nowMs: number,
): Promise<void> {
  const given = JSON.stringify(marks.filter(({ job }) => job !== null));
  if (given === "[]") return;
  const heard = `(SELECT value ->> 'letter' AS letter, value ->> 'deaths' AS deaths, value ->> 'job' AS job FROM json_each(?1)) AS s`;
  await db.batch([
    db
      .prepare(
        `UPDATE dead_letters SET status = 'replayed', auto_due_at_ms = NULL, replayed_at_ms = ?2, updated_at_ms = ?2 FROM ${heard}
         WHERE dead_letters.id = s.letter AND dead_letters.deaths = s.deaths AND dead_letters.status = 'waiting'`,
      )
      .bind(given, nowMs),
    db
      .prepare(
        `UPDATE dead_letter_job_items SET state = 'replayed', at_ms = ?2 FROM ${heard}
         WHERE dead_letter_job_items.letter_id = s.letter AND dead_letter_job_items.job_id = s.job
           AND dead_letter_job_items.state IN ('waiting', 'sent', 'cancelled')
           AND (SELECT l.deaths FROM dead_letters l WHERE l.id = s.letter) = s.deaths`,
      )
      .bind(given, nowMs),
  ]);
}

function toNewJob(row: JobRow): NewJob {
  return {
    id: row.id,
    name: row.name,
    action: row.action as NewJob["action"],
    trigger: row.trigger as JobTrigger,
    filter: JSON.parse(row.filter) as JobFilter,
    reason: row.reason,
    actor: row.actor,
    correlationId: fromStore<CorrelationId>(row.correlation_id),
  };
}

function toJob(row: JobRow): DeadLetterJob {
  return {
    ...toNewJob(row),
    status: row.status as JobStatus,
    total: row.total,
    counts: JSON.parse(row.counts) as DeadLetterJob["counts"],
    createdAtMs: row.created_at_ms,
    updatedAtMs: row.updated_at_ms,
    endedAtMs: row.ended_at_ms,
  };
}
