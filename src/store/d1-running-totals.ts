/** Running totals in D1: one transaction cuts the new range and reads all of them back, whoever else tells the same. */
import type { D1Database } from "@cloudflare/workers-types";
import type { RunningTotals } from "../services/channels/running-totals.ts";
import { inTime } from "../services/with-deadline.ts";

type Row = { subject: string; from_units: number; to_units: number };

export function d1RunningTotals(db: D1Database, timeoutMs: number): RunningTotals {
  return {
    async tell(channel, totals, { nowMs, sinceMs }) {
      if (totals.length === 0) return [];
      const told = JSON.stringify(totals.map(({ subject, units }) => [subject, units]));
      const ended = `COALESCE((SELECT MAX(r.to_units) FROM running_totals r
        WHERE r.channel = ?1 AND r.subject = j.value ->> 0), 0)`;
      const cut = db
        .prepare(
          `INSERT INTO running_totals (channel, subject, from_units, to_units, told_at_ms)
           SELECT ?1, j.value ->> 0, ${ended}, j.value ->> 1, ?3 FROM json_each(?2) j WHERE j.value ->> 1 > ${ended}
           ON CONFLICT (channel, subject, from_units) DO NOTHING`,
        )
        .bind(channel, told, nowMs);
      const read = db
        .prepare(
          `SELECT r.subject, r.from_units, r.to_units FROM json_each(?2) j JOIN running_totals r
             ON r.channel = ?1 AND r.subject = j.value ->> 0 AND r.to_units <= j.value ->> 1
           WHERE r.told_at_ms >= ?3 ORDER BY r.subject, r.from_units`,
        )
        .bind(channel, told, sinceMs);
      const [, ranges] = await inTime(timeoutMs, () => db.batch<Row>([cut, read]));
      return (ranges?.results ?? []).map((row) => ({ subject: row.subject, from: row.from_units, to: row.to_units }));
    },
  };
}
