/**
 * D1 under a lock of somebody else's: SQLite refuses Onhand's writes with SQLITE_BUSY, and, because the runtime writes down a
 * bookmark with each answer, its reads too.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Stack } from "../../../dev/stack/stack.ts";

const BUSY_MS_MAX = 5_000;

/** @returns lifts the lock */
export function lockD1({ stateDir }: Stack): () => void {
  const folder = join(stateDir, "d1", "miniflare-D1DatabaseObject");
  const [file, ...others] = readdirSync(folder).filter(
    (name) => name.endsWith(".sqlite") && name !== "metadata.sqlite",
  );
  if (file === undefined || others.length > 0) throw new Error(`one database was expected in ${folder}`);
  // A write of Onhand's may be under way just now.
  const database = new DatabaseSync(join(folder, file), { timeout: BUSY_MS_MAX });
  database.exec("BEGIN IMMEDIATE");
  return () => {
    database.exec("ROLLBACK");
    database.close();
  };
}
