import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, it } from "vitest";

const MIGRATIONS = new URL("../../../migrations", import.meta.url).pathname;

it("the migration that makes dead letters complete keeps those that wait, with a trail of what is known of them", () => {
  const database = new DatabaseSync(":memory:");
  const names = readdirSync(MIGRATIONS).sort();
  const apply = (name: string) => database.exec(readFileSync(join(MIGRATIONS, name), "utf8"));
  for (const name of names.filter((each) => each < "0010")) apply(name);
  const insert = database.prepare(
    `INSERT INTO dead_letters (id, status, origin, topic, correlation_id, event_id, code, errors, attempts, deaths, replays, payload,
       truncated, occurred_at_ms, created_at_ms, updated_at_ms) VALUES (?, 'waiting', ?, ?, 'c', 'e', 'unreadable', '[]', 1, 3, 1, x'00', 0, 5, 10, 30)`,
  );
  insert.run("dl_01", "queue/onhand-events", "orders/create");
  insert.run("dl_02", "queue/onhand-events", "unreadable");
  insert.run("dl_03", "ingress/shopify", "orders/create");
  for (const name of names.filter((each) => each >= "0010")) apply(name);
  const rows = database
    .prepare(
      "SELECT id, status, deaths, died_at_ms, version, is_free_form, auto_due_at_ms, trail FROM dead_letters ORDER BY id",
    )
    .all()
    .map(({ trail, ...row }) => ({ ...row, trail: JSON.parse(String(trail)) as unknown }));
  const kept = { status: "waiting", deaths: 3, died_at_ms: 30, version: 1, auto_due_at_ms: null };
  const trail = [{ what: "died", atMs: 10, actor: null, detail: "unreadable", times: 3, lastAtMs: 30 }];
  expect(rows).toEqual([
    { id: "dl_01", ...kept, is_free_form: 0, trail },
    { id: "dl_02", ...kept, is_free_form: 1, trail },
    { id: "dl_03", ...kept, is_free_form: 1, trail },
  ]);
});
