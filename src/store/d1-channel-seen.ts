/** What was last seen of a channel, in D1. Neither table has an index by channel: each is looked through from its newest row. */
import type { D1Database } from "@cloudflare/workers-types";
import type { ChannelSeen, ChannelSeenStore } from "../services/channels/channel-seen.ts";

type CountRow = { step: string; outcome: string; n: number; last_ms: number };
type LetterRow = { id: string; code: string; died_at_ms: number; waiting: number };

const NEWEST = `SELECT shop, step, outcome, at_ms FROM event_journal WHERE at_ms >= ?2 ORDER BY at_ms DESC, key DESC LIMIT ?3`;
const COUNTS = `SELECT step, outcome, COUNT(*) AS n, MAX(at_ms) AS last_ms FROM (${NEWEST}) WHERE shop = ?1 GROUP BY step, outcome`;
const BEYOND = `SELECT 1 AS more FROM event_journal WHERE at_ms >= ?1 ORDER BY at_ms DESC, key DESC LIMIT 1 OFFSET ?2`;
const LETTERS = `SELECT id, code, died_at_ms, COUNT(*) OVER () AS waiting FROM
  (SELECT id, code, died_at_ms, shop FROM dead_letters WHERE status = 'waiting' ORDER BY created_at_ms DESC, id DESC LIMIT ?2)
  WHERE shop = ?1 ORDER BY died_at_ms DESC LIMIT 1`;

/** Steps that say that something came from it. Whatever else the journal has of it went out, or is about letters. */
const IN: ReadonlySet<string> = new Set(["received", "consumed"]);
const ABOUT: ReadonlySet<string> = new Set(["buried", "written", "notified"]);

/** @param rowsMax  of each table that are looked through */
export const d1ChannelSeen = (db: D1Database, rowsMax: number): ChannelSeenStore => ({
  async seen(id, sinceMs): Promise<ChannelSeen> {
    const [counts, beyond, letters] = await db.batch<unknown>([
      db.prepare(COUNTS).bind(id, sinceMs, rowsMax),
      db.prepare(BEYOND).bind(sinceMs, rowsMax),
      db.prepare(LETTERS).bind(id, rowsMax),
    ]);
    const rows = (counts?.results ?? []) as CountRow[];
    const [letter] = (letters?.results ?? []) as LetterRow[];
    const lastOf = (isIt: (step: string) => boolean): number | null =>
      rows.reduce<number | null>((last, row) => (isIt(row.step) ? Math.max(last ?? 0, row.last_ms) : last), null);
    return {
      lastReceivedMs: lastOf((step) => IN.has(step)),
      lastSentMs: lastOf((step) => !IN.has(step) && !ABOUT.has(step)),
      lastError: letter === undefined ? null : { code: letter.code, atMs: letter.died_at_ms, deadLetterId: letter.id },
      counts: Object.fromEntries(rows.map(({ step, outcome, n }) => [`${step}/${outcome}`, n])),
      isPartial: (beyond?.results.length ?? 0) > 0,
      waitingLetters: letter?.waiting ?? 0,
    };
  },
});
