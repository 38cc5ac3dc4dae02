/** Dead letters in D1: one row per event, payloads gzipped. Every message is scrubbed here once more, whoever sent it. */
import type { D1Database, D1PreparedStatement } from "@cloudflare/workers-types";
import { automaticDelaysMs } from "../domain/dead-letters/error-classes.ts";
import { outlineOf } from "../domain/dead-letters/outline.ts";
import { maskText } from "../domain/mask-text.ts";
import type {
  DeadLetter,
  DeadLetterFilter,
  DeadLetterStatus,
  DeadLetterStore,
  EditedPayload,
  LetterAct,
} from "../services/dead-letters.ts";
import { auditStatement } from "./d1-audit-log.ts";
import { whereOf } from "./dead-letter-filter.ts";
import { type LetterRow, summaryColumns, toStored, toSummary, type WholeRow } from "./dead-letter-row.ts";
import { entryOf, prepended } from "./dead-letter-trail.ts";
import { gunzipJson, gzipJson } from "./gzip-json.ts";

export type DeadLetterLimits = {
  readonly errorsMax: number;
  readonly trailMax: number;
  readonly messageCharsMax: number;
  readonly refsMax: number;
  /** An automatic replay that was not followed by a death within this has succeeded: the next death is another trouble. */
  readonly autoForgetMs: number;
};

/** One letter may stand for several events of one level: what it is about is the newest of them, in whatever order they die. */
const newer = (column: string): string =>
  `${column} = CASE WHEN excluded.occurred_at_ms >= occurred_at_ms THEN excluded.${column} ELSE ${column} END`;

/** ?16 is now, ?18 the class's delays (JSON) until the first, second … automatic replay: beyond them there is none. */
const dueAfter = (replays: string): string => `?16 + json_extract(?18, '$[' || (${replays}) || ']')`;

const AUTO_REPLAYS = "CASE WHEN replayed_at_ms < ?16 - ?19 THEN 0 ELSE auto_replays END";

const DIED = `json_object('what', 'died', 'atMs', ?16, 'actor', NULL, 'detail', ?8)`;

/** Deaths of one class in a row are one entry of the trail: a level that nobody knows dies with every sale. */
const diedAgain = (trailMax: number): string => `CASE
  WHEN json_extract(trail, '$[0].what') = 'died' AND json_extract(trail, '$[0].detail') = excluded.code
  THEN json_set(trail, '$[0].times', COALESCE(json_extract(trail, '$[0].times'), 1) + 1, '$[0].lastAtMs', ?16)
  ELSE ${prepended(DIED, trailMax)} END`;

const put = (
  trailMax: number,
): string => `INSERT INTO dead_letters (id, status, origin, topic, shop, correlation_id, event_id,
    subject, code, errors, attempts, deaths, replays, payload, truncated, received_bytes, received_sha256, occurred_at_ms,
    created_at_ms, updated_at_ms, died_at_ms, version, trail, is_free_form, auto_replays, auto_due_at_ms)
  VALUES (?1, 'waiting', ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 1, 0, ?11, ?12, ?13, ?14, ?15, ?16, ?16, ?16, 1,
    json_array(${DIED}), ?20, 0, ${dueAfter("0")})
  ON CONFLICT (id) DO UPDATE SET
    status = 'waiting', deaths = deaths + 1, code = excluded.code, attempts = excluded.attempts, updated_at_ms = ?16,
    died_at_ms = ?16, version = version + 1, trail = ${diedAgain(trailMax)},
    auto_due_at_ms = ${dueAfter(AUTO_REPLAYS)}, auto_replays = ${AUTO_REPLAYS},
    outlined_at_ms = CASE WHEN excluded.occurred_at_ms >= occurred_at_ms THEN NULL ELSE outlined_at_ms END,
    ${["subject", "payload", "truncated", "event_id", "correlation_id", "is_free_form", "occurred_at_ms"].map(newer).join(", ")},
    errors = (SELECT json_group_array(json(value)) FROM (
      SELECT value FROM json_each(excluded.errors) UNION ALL SELECT value FROM json_each(dead_letters.errors) LIMIT ?17))`;

const PUT_REFS = "INSERT OR IGNORE INTO dead_letter_refs (ref, letter_id) SELECT value, ?1 FROM json_each(?2)";

/** What a job had sent, and has come back. */
const DIED_IN_JOB = `UPDATE dead_letter_job_items SET state = 'died_again', at_ms = ?2
  WHERE state = 'sent' AND letter_id IN (SELECT value FROM json_each(?1))`;

export function d1DeadLetters(db: D1Database, limits: DeadLetterLimits): DeadLetterStore {
  return {
    async put(letters, nowMs) {
      if (letters.length === 0) return;
      const statements = await Promise.all(letters.map((letter) => putStatements(db, letter, limits, nowMs)));
      const ids = JSON.stringify(letters.map(({ id }) => id));
      await db.batch([...statements.flat(), db.prepare(DIED_IN_JOB).bind(ids, nowMs)]);
    },
    list: (filter) => list(db, filter),
    async get(id) {
      const row = await db
        .prepare(`SELECT ${summaryColumns()}, payload, original FROM dead_letters WHERE id = ?`)
        .bind(id)
        .first<WholeRow>();
      return row === null ? null : toStored(row);
    },
    async count(status) {
      const row = await db
        .prepare("SELECT COUNT(*) AS letters FROM dead_letters WHERE status = ?")
        .bind(status)
        .first<{ letters: number }>();
      return row?.letters ?? 0;
    },
    markReplayed: (id, deaths, act) => markReplayed(db, id, deaths, act, limits),
    edit: (id, version, edited, act) => edit(db, { id, version, edited, act }, limits),
    discard: (id, act) => discard(db, id, act, limits),
    outline: (beforeMs, limit, nowMs) => outline(db, beforeMs, limit, nowMs, limits),
    prune: (beforeMs) => prune(db, beforeMs),
  };
}

async function putStatements(
  db: D1Database,
  letter: DeadLetter,
  limits: DeadLetterLimits,
  nowMs: number,
): Promise<readonly D1PreparedStatement[]> {
  const { errorsMax, messageCharsMax, trailMax, refsMax, autoForgetMs } = limits;
  const scrubbed = (text: string): string => maskText(text, messageCharsMax);
  const errors = letter.errors.slice(0, errorsMax).map((error) => ({ ...error, message: scrubbed(error.message) }));
  const code = letter.errors[0]?.code ?? "unknown";
  const statement = db
    .prepare(put(trailMax))
    .bind(
      letter.id,
      letter.origin,
      letter.topic,
      letter.shop,
      letter.correlationId,
      letter.eventId,
      letter.subject === null ? null : scrubbed(letter.subject),
      code,
      JSON.stringify(errors),
      letter.attempts,
      await gzipJson(letter.payload),
      letter.truncated ? 1 : 0,
      letter.received?.bytes ?? null,
      letter.received?.sha256 ?? null,
      letter.occurredAtMs,
      nowMs,
      errorsMax,
      JSON.stringify(automaticDelaysMs(code)),
      autoForgetMs,
      letter.isFreeForm ? 1 : 0,
    );
  if (letter.refs.length === 0) return [statement];
  return [statement, db.prepare(PUT_REFS).bind(letter.id, JSON.stringify(letter.refs.slice(0, refsMax)))];
}

async function list(db: D1Database, filter: DeadLetterFilter): ReturnType<DeadLetterStore["list"]> {
  const { limit, cursor, ...match } = filter;
  const { condition, values } = whereOf(match);
  const after = cursor === undefined ? null : readCursor(cursor);
  const beyond = after === null ? "" : " AND (created_at_ms, id) < (?, ?)";
  const { results } = await db
    .prepare(
      `SELECT ${summaryColumns()} FROM dead_letters WHERE ${condition}${beyond} ORDER BY created_at_ms DESC, id DESC LIMIT ?`,
    )
    .bind(...values, ...(after === null ? [] : [after.createdAtMs, after.id]), limit + 1)
    .all<LetterRow>();
  const letters = results.slice(0, limit).map(toSummary);
  const last = letters.at(-1);
  const nextCursor = results.length > limit && last !== undefined ? `${last.createdAtMs}.${last.id}` : null;
  return { letters, nextCursor };
}

function readCursor(cursor: string): { readonly createdAtMs: number; readonly id: string } | null {
  const match = /^(\d{1,16})\.(.+)$/.exec(cursor);
  return match?.[1] === undefined || match[2] === undefined ? null : { createdAtMs: Number(match[1]), id: match[2] };
}

const ACT = { atMs: "?3", actor: "?4", detail: "?5" };

function audited(
  db: D1Database,
  id: string,
  what: "replayed" | "edited" | "discarded",
  act: LetterAct,
  condition: string,
  values: readonly (string | number)[],
): D1PreparedStatement {
  const { actor, atMs, correlationId, audit } = act;
  const entry = { atMs, actor, action: `dead_letter.${what}`, subject: id, correlationId, detail: audit };
  return auditStatement(db, entry, `EXISTS (SELECT 1 FROM dead_letters WHERE id = ? AND ${condition})`, [
    id,
    ...values,
  ]);
}

async function markReplayed(
  db: D1Database,
  id: string,
  deaths: number,
  act: LetterAct,
  { trailMax }: DeadLetterLimits,
): Promise<DeadLetterStatus> {
  const [updated] = await db.batch<{ status: DeadLetterStatus }>([
    db
      .prepare(
        `UPDATE dead_letters SET status = CASE WHEN deaths = ?2 THEN 'replayed' ELSE status END,
           auto_due_at_ms = CASE WHEN deaths = ?2 THEN NULL ELSE auto_due_at_ms END, auto_replays = 0,
           replays = replays + 1, replayed_at_ms = ?3, updated_at_ms = ?3, version = version + 1,
           trail = ${prepended(entryOf("replayed", ACT), trailMax)} WHERE id = ?1 RETURNING status`,
      )
      .bind(id, deaths, act.atMs, act.actor, act.detail),
    audited(db, id, "replayed", act, "TRUE", []),
  ]);
  return updated?.results[0]?.status ?? "replayed"; // pruned meanwhile: there is nothing left to wait
}

type Edit = {
  readonly id: string;
  readonly version: number;
  readonly edited: EditedPayload;
  readonly act: LetterAct;
};

async function edit(
  db: D1Database,
  { id, version, edited, act }: Edit,
  { trailMax, refsMax }: DeadLetterLimits,
): Promise<number | null> {
  const [updated] = await db.batch<{ version: number }>([
    db
      .prepare(
        `UPDATE dead_letters SET original = COALESCE(original, payload), payload = ?6, truncated = 0, outlined_at_ms = NULL,
           status = 'waiting', is_free_form = MAX(is_free_form, ?7), auto_replays = 0, auto_due_at_ms = NULL,
           updated_at_ms = ?3, version = version + 1, trail = ${prepended(entryOf("edited", ACT), trailMax)}
         WHERE id = ?1 AND version = ?2 RETURNING version`,
      )
      .bind(id, version, act.atMs, act.actor, act.detail, await gzipJson(edited.payload), edited.isFreeForm ? 1 : 0),
    // Both tell of this edit alone: a version belongs to one change.
    db
      .prepare(
        `${PUT_REFS} WHERE EXISTS (SELECT 1 FROM dead_letters WHERE id = ?1 AND version = ?3 AND updated_at_ms = ?4)`,
      )
      .bind(id, JSON.stringify(edited.refs.slice(0, refsMax)), version + 1, act.atMs),
    audited(db, id, "edited", act, "version = ? AND updated_at_ms = ?", [version + 1, act.atMs]),
  ]);
  return updated?.results[0]?.version ?? null;
}

async function discard(db: D1Database, id: string, act: LetterAct, { trailMax }: DeadLetterLimits): Promise<boolean> {
  const [updated] = await db.batch([
    db
      .prepare(
        `UPDATE dead_letters SET status = 'discarded', auto_due_at_ms = NULL, updated_at_ms = ?2, version = version + 1,
           trail = ${prepended(entryOf("discarded", { atMs: "?2", actor: "?3", detail: "?4" }), trailMax)}
         WHERE id = ?1 AND status = 'waiting' RETURNING id`,
      )
      .bind(id, act.atMs, act.actor, act.detail),
    audited(db, id, "discarded", act, "status = 'discarded' AND updated_at_ms = ?", [act.atMs]),
  ]);
  return (updated?.results.length ?? 0) > 0;
}

async function outline(
  db: D1Database,
  beforeMs: number,
  limit: number,
  nowMs: number,
  { trailMax }: DeadLetterLimits,
): Promise<number> {
  const { results } = await db
    .prepare(
      `SELECT id, version, payload, original FROM dead_letters
       WHERE is_free_form = 1 AND outlined_at_ms IS NULL AND died_at_ms < ? ORDER BY died_at_ms LIMIT ?`,
    )
    .bind(beforeMs, limit)
    .all<Pick<WholeRow, "id" | "version" | "payload" | "original">>();
  if (results.length === 0) return 0;
  const entry = entryOf("outlined", { atMs: "?3", actor: "NULL", detail: "NULL" });
  const update = `UPDATE dead_letters SET payload = ?4, original = ?5, outlined_at_ms = ?3, version = version + 1,
    trail = ${prepended(entry, trailMax)} WHERE id = ?1 AND version = ?2`;
  const outlined = async (blob: WholeRow["original"]) =>
    blob === null ? null : gzipJson(outlineOf(await gunzipJson(blob)));
  await db.batch(
    await Promise.all(
      results.map(async ({ id, version, payload, original }) =>
        db.prepare(update).bind(id, version, nowMs, await outlined(payload), await outlined(original)),
      ),
    ),
  );
  return results.length;
}

async function prune(db: D1Database, beforeMs: number): Promise<number> {
  const settled = "status <> 'waiting' AND updated_at_ms < ?";
  const [, deleted] = await db.batch([
    db
      .prepare(`DELETE FROM dead_letter_refs WHERE letter_id IN (SELECT id FROM dead_letters WHERE ${settled})`)
      .bind(beforeMs),
    db.prepare(`DELETE FROM dead_letters WHERE ${settled} RETURNING id`).bind(beforeMs),
  ]);
  return deleted?.results.length ?? 0;
}
