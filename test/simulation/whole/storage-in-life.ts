/** An object's storage as one of its lives sees it: when the life is over, nothing is read, written or set any more. */
import type { ObjectStorage, SqlValue } from "../../../durable-objects/object-storage.ts";
import type { SqliteObjectStorage } from "../../support/sqlite/object-storage.ts";
import { type Life, LifeOver } from "./life.ts";

/**
 * @param arm     sets the alarm; `atMs` by the object's own clock
 * @param before  before each statement; may end the life, and throw
 */
export function storageInLife(
  storage: SqliteObjectStorage,
  life: Life,
  arm: (atMs: number) => void,
  before: (query: string) => void = () => {},
): ObjectStorage {
  return {
    sql: {
      exec: <T extends Record<string, SqlValue>>(query: string, ...bindings: SqlValue[]) => {
        if (life.isOver) throw new LifeOver("this life of the object is over");
        before(query);
        return storage.sql.exec<T>(query, ...bindings);
      },
    },
    transactionSync: (closure) => storage.transactionSync(closure),
    setAlarm: async (atMs) => {
      if (!life.isOver) arm(atMs);
    },
  };
}
