/** Applies migrations/*.sql to the local D1, in order, each once; in the table where wrangler notes the same. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { unstable_splitSqlQuery } from "wrangler";
import type { LocalD1 } from "./worker.ts";

/** @returns names of those that were applied now */
export async function applyMigrations(database: LocalD1, folder: string): Promise<readonly string[]> {
  await database
    .prepare(
      "CREATE TABLE IF NOT EXISTS d1_migrations (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL)",
    )
    .all();
  const { results } = await database.prepare("SELECT name FROM d1_migrations").all<{ name: string }>();
  const applied = new Set(results.map(({ name }) => name));
  const due = (await readdir(folder)).filter((name) => name.endsWith(".sql") && !applied.has(name)).sort();
  for (const name of due) {
    for (const statement of unstable_splitSqlQuery(await readFile(join(folder, name), "utf8")))
      await database.prepare(statement).all();
    await database.prepare("INSERT INTO d1_migrations (name) VALUES (?)").bind(name).all();
  }
  return due;
}
