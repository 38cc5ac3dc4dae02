/** Default rules of channels in D1. */
import type { D1Database } from "@cloudflare/workers-types";
import { fromStore } from "../domain/ids.ts";
import { parseRules } from "../domain/policy/parse-policy.ts";
import type { ChannelRulesStore, StoredRules } from "../services/channel-rules.ts";
import { NEWEST_WORD, sayWord } from "./d1-words.ts";

type Row = { channel: string; rules: string; revision: number; updated_at_ms: number };

export function d1ChannelRules(db: D1Database): ChannelRulesStore {
  return {
    async all() {
      const { results } = await db
        .prepare("SELECT channel, rules, revision, updated_at_ms FROM channel_rules ORDER BY revision")
        .all<Row>();
      return results.map(storedOf);
    },
    async put(channel, rules, nowMs) {
      const [, , written] = await db.batch<Row>([
        ...sayWord(db, `rules/${channel}`),
        db
          .prepare(
            `INSERT INTO channel_rules (channel, rules, revision, updated_at_ms) VALUES (?1, ?2, ${NEWEST_WORD}, ?3)
             ON CONFLICT (channel) DO UPDATE SET rules = excluded.rules, revision = excluded.revision,
               updated_at_ms = excluded.updated_at_ms
             RETURNING channel, rules, revision, updated_at_ms`,
          )
          .bind(channel, JSON.stringify(rules), nowMs),
      ]);
      const row = written?.results[0];
      if (row === undefined) throw new Error("the rules of a channel were not stored");
      return storedOf(row);
    },
  };
}

/** It was parsed when it was put; what cannot be read any more is told as no rules. */
function storedOf({ channel, rules, revision, updated_at_ms }: Row): StoredRules {
  const parsed = parseRules(JSON.parse(rules));
  return { channel: fromStore(channel), rules: parsed.ok ? parsed.value : null, revision, updatedAtMs: updated_at_ms };
}
