/** Tables of one ReservationCoordinator, and how its state lies in them. Lifetimes: docs/storage-schema.md. */
import type { CoordinatorState } from "../src/domain/reservation/reservation.ts";
import type { ObjectStorage } from "./object-storage.ts";
import type { CoordinatorStorage } from "./reservation-deps.ts";
import { migrate, type SchemaStep } from "./schema.ts";

export const RESERVATION_SCHEMA: readonly SchemaStep[] = [
  {
    id: 1,
    sql: `
      CREATE TABLE coordinator (
        id    INTEGER PRIMARY KEY CHECK (id = 1),
        state TEXT NOT NULL
      ) STRICT;
    `,
  },
];

export interface ForgettingStorage extends ObjectStorage {
  /** Tables, rows and alarm. */
  deleteAll(): Promise<void>;
}

/** Tables are made with the first row: to look at an id that nobody has reserved leaves nothing behind. */
export class ReservationRows implements CoordinatorStorage {
  readonly #storage: ForgettingStorage;
  readonly #nowMs: () => number;
  #isMigrated = false;

  constructor(storage: ForgettingStorage, nowMs: () => number) {
    this.#storage = storage;
    this.#nowMs = nowMs;
  }

  load(): CoordinatorState | null {
    const { sql } = this.#storage;
    const tables = sql.exec("SELECT 1 AS is_there FROM sqlite_master WHERE type = 'table' AND name = 'coordinator'");
    if (tables.toArray().length === 0) return null;
    const [row] = sql.exec<{ state: string }>("SELECT state FROM coordinator").toArray();
    return row === undefined ? null : (JSON.parse(row.state) as CoordinatorState);
  }

  save(state: CoordinatorState): void {
    if (!this.#isMigrated) migrate(this.#storage, RESERVATION_SCHEMA, this.#nowMs());
    this.#isMigrated = true;
    this.#storage.sql.exec("INSERT OR REPLACE INTO coordinator (id, state) VALUES (1, ?)", JSON.stringify(state));
  }

  async clear(): Promise<void> {
    this.#isMigrated = false;
    await this.#storage.deleteAll();
  }

  setAlarm(atMs: number): Promise<void> {
    return this.#storage.setAlarm(atMs);
  }
}
