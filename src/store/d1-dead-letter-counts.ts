/** How many dead letters wait, by where they died and of what: for the metrics. */
import type { D1Database } from "@cloudflare/workers-types";
import type { DeadLetterCount } from "../services/telemetry/sources.ts";

/** Read off an index that holds nothing else. */
const COUNT =
  "SELECT origin, code, COUNT(*) AS letters FROM dead_letters WHERE status = 'waiting' GROUP BY origin, code";

export async function d1DeadLetterCounts(db: D1Database): Promise<readonly DeadLetterCount[]> {
  const { results } = await db.prepare(COUNT).all<{ origin: string; code: string; letters: number }>();
  return results;
}
