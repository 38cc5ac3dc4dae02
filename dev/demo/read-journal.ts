/** What Onhand's own journal and dead letters say of the events that came as webhooks or from channels: read from D1, past the API. */
import type { Stack } from "../stack/stack.ts";
import type { DeadLetterRow, JournalRow } from "./fates.ts";

/** Rows of one query: some hundred kilobytes. */
const PAGE_ROWS = 5_000;

type Row = { readonly at_ms: number; readonly key: string; readonly event_id: string } & Omit<JournalRow, "eventId">;

export async function readJournal({ worker }: Stack): Promise<readonly JournalRow[]> {
  const { DB } = await worker.bindings();
  const found: JournalRow[] = [];
  let [atMs, key] = [0, ""];
  for (;;) {
    const { results } = await DB.prepare(
      `SELECT at_ms, key, event_id, step, outcome FROM event_journal
       WHERE (at_ms, key) > (?, ?) AND (event_id LIKE 'shopify/%' OR event_id LIKE 'channel/%') AND step IN ('received', 'consumed')
       ORDER BY at_ms, key LIMIT ${PAGE_ROWS}`,
    )
      .bind(atMs, key)
      .all<Row>();
    found.push(...results.map(({ event_id, step, outcome }) => ({ eventId: event_id, step, outcome })));
    const last = results.at(-1);
    if (last === undefined) return found;
    [atMs, key] = [last.at_ms, last.key];
  }
}

export async function readDeadLetters({ worker }: Stack): Promise<readonly DeadLetterRow[]> {
  const { DB } = await worker.bindings();
  const { results } = await DB.prepare("SELECT event_id, status FROM dead_letters").all<{
    event_id: string;
    status: string;
  }>();
  return results.map(({ event_id, status }) => ({ eventId: event_id, status }));
}
