/**
 * All that a Telemetry object does, without the runtime around it: adds flushes up in memory and stores the sums once in a
 * while, as one row. A life that ends between the two loses that while; what was read is always stored, so that a counter
 * never falls. Each flush is one call, and goes to Analytics Engine from here: so no invocation writes more than one.
 */

import { type DataPoint, dataPointsOf } from "../src/domain/telemetry/data-points.ts";
import type { Flush } from "../src/domain/telemetry/flush.ts";
import { type Book, type BookLimits, EMPTY_BOOK, type Sums, withFlush } from "../src/domain/telemetry/sums.ts";
import { type Log, reasonOf } from "../src/observability/log.ts";
import type { TableStorage } from "./object-storage.ts";
import type { SchemaStep } from "./schema.ts";

export const TELEMETRY_SCHEMA: readonly SchemaStep[] = [
  { id: 1, sql: "CREATE TABLE book (id INTEGER PRIMARY KEY CHECK (id = 1), sums TEXT NOT NULL) STRICT" },
];

export type TelemetryBookDeps = {
  readonly storage: TableStorage;
  readonly limits: BookLimits;
  readonly writeEveryMs: number;
  /** To Analytics Engine. Must not wait. May throw. */
  readonly write: (points: readonly DataPoint[]) => void;
  readonly log: Log;
  /** Runs it once, later, in this life of the object. */
  readonly later: (ms: number, work: () => void) => void;
};

export class TelemetryBook {
  readonly #deps: TelemetryBookDeps;
  #book: Book;
  #isStored = true;
  #isDue = false;

  constructor(deps: TelemetryBookDeps) {
    this.#deps = deps;
    this.#book = this.#load();
  }

  add(flush: Flush): void {
    const { limits, writeEveryMs, later } = this.#deps;
    const book = withFlush(this.#book, flush, limits);
    if (book === this.#book) return;
    this.#book = book;
    this.#isStored = false;
    this.#write(flush);
    if (this.#isDue) return;
    this.#isDue = true;
    later(writeEveryMs, () => {
      this.#isDue = false;
      this.#save();
    });
  }

  /** Touches the storage in any case: a second instance of the object, gone stale, must not answer with its old sums. */
  sums(): Sums {
    this.#save();
    const { counters, histograms } = this.#load();
    return { counters, histograms };
  }

  #write({ delta }: Flush): void {
    try {
      this.#deps.write(dataPointsOf(delta));
    } catch (error) {
      this.#deps.log("warn", "metrics.not_written", { reason: reasonOf(error) });
    }
  }

  #save(): void {
    if (this.#isStored) return;
    this.#deps.storage.sql.exec("INSERT OR REPLACE INTO book (id, sums) VALUES (1, ?)", JSON.stringify(this.#book));
    this.#isStored = true;
  }

  #load(): Book {
    const [row] = this.#deps.storage.sql.exec<{ sums: string }>("SELECT sums FROM book WHERE id = 1").toArray();
    return row === undefined ? EMPTY_BOOK : { ...EMPTY_BOOK, ...(JSON.parse(row.sums) as Partial<Book>) };
  }
}
