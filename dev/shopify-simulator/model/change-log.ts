/**
 * Every stock change with its cause, in order: the independent record against which a test proves that nothing was
 * invented or lost. Bounded: the oldest entries go first.
 */
import type { StateName } from "./shop-model.ts";

export type ChangeCause =
  /** The opening stock of a seeded item. */
  | "seed"
  | "order"
  | "fulfilment"
  | "cancellation"
  | "refund"
  /** The lines of an order were edited. */
  | "edit"
  /** Goods came back by the returns flow. */
  | "return"
  /** A person in the admin. */
  | "merchant"
  /** An inventory mutation of the app. */
  | "api";

export type ChangeEntry = {
  readonly seq: number;
  readonly atMs: number;
  readonly cause: ChangeCause;
  /** Order id, refund id or idempotency key. */
  readonly reference: string | null;
  readonly itemId: string;
  readonly locationId: string;
  readonly name: StateName;
  readonly delta: number;
  readonly after: number;
};

const DROP_AT_ONCE = 1_000;

export class ChangeLog {
  readonly #entriesMax: number;
  #entries: ChangeEntry[] = [];
  #seq = 0;

  constructor(entriesMax: number) {
    this.#entriesMax = entriesMax;
  }

  append(entry: Omit<ChangeEntry, "seq">): void {
    this.#seq += 1;
    this.#entries.push({ seq: this.#seq, ...entry });
    if (this.#entries.length > this.#entriesMax + DROP_AT_ONCE) this.#entries = this.#entries.slice(DROP_AT_ONCE);
  }

  /** Entries newer than `seq`, oldest first, at most `limit`. */
  after(seq: number, limit = Number.POSITIVE_INFINITY): ChangeEntry[] {
    const first = this.#entries[0];
    if (first === undefined) return [];
    const start = Math.max(0, seq + 1 - first.seq);
    return this.#entries.slice(start, Math.min(this.#entries.length, start + limit));
  }

  get lastSeq(): number {
    return this.#seq;
  }
}
