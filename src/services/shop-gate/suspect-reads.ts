/**
 * Reads whose query failed. One of them may be the cause (an item that Shopify cannot answer for), so they are asked again
 * in halves, in turn with the others, until the cause stands alone. It is not tried again then, but sits out its time, so that
 * its counter does not ask at once for the same; its next read starts alone, when nobody else waits. In memory only: a new
 * life finds out anew.
 */
import type { InventoryItemId, ReadKey } from "../../domain/ids.ts";
import type { StoredRead } from "./gate-deps.ts";

type Mark = {
  readonly failures: number;
  /** Reads that may share its next query, itself included. */
  readonly companyMax: number;
};

/** Items remembered as causes. More at once would be an outage, not a few odd items. */
const CAUSES_MAX = 1_000;

export type Pick = { readonly reads: Iterable<StoredRead>; readonly readsMax: number };

export class SuspectReads {
  readonly #marks = new Map<ReadKey, Mark>();
  readonly #causes = new Set<InventoryItemId>();
  /** Of causes, and tried: they only wait for their deadline. */
  readonly #spent = new Set<ReadKey>();
  #lastWasSuspect = false;

  /** Their query came back without an answer, and nothing but the query is to blame. */
  failed(reads: readonly StoredRead[]): void {
    const [alone] = reads;
    if (reads.length === 1 && alone !== undefined) {
      // Without company from the start it may be anything: then it is tried again within its time.
      if (!this.#marks.has(alone.readKey) && !this.#causes.has(alone.item)) return;
      this.#remember(alone.item);
      this.#spent.add(alone.readKey);
      return;
    }
    const companyMax = Math.ceil(reads.length / 2);
    for (const { readKey } of reads) {
      const failures = (this.#marks.get(readKey)?.failures ?? 0) + 1;
      this.#marks.set(readKey, { failures, companyMax });
    }
  }

  answered({ readKey, item }: StoredRead): void {
    this.#marks.delete(readKey);
    this.#causes.delete(item);
  }

  gaveUp({ readKey }: StoredRead): void {
    this.#marks.delete(readKey);
    this.#spent.delete(readKey);
  }

  started(reads: readonly StoredRead[]): void {
    this.#lastWasSuspect = reads.some(({ readKey }) => this.#marks.has(readKey));
  }

  /** Those of which the next query is made: never suspects and others in one. @param waiting  oldest first */
  pick(waiting: Iterable<StoredRead>): Pick {
    if (this.#marks.size + this.#causes.size === 0) return { reads: waiting, readsMax: Number.POSITIVE_INFINITY };
    const others: StoredRead[] = [];
    const suspects: [StoredRead, Mark][] = [];
    const causes: StoredRead[] = [];
    for (const read of waiting) {
      const mark = this.#marks.get(read.readKey);
      if (this.#spent.has(read.readKey)) continue;
      if (this.#causes.has(read.item)) causes.push(read);
      else if (mark !== undefined) suspects.push([read, mark]);
      else others.push(read);
    }
    if (suspects.length > 0 && (others.length === 0 || !this.#lastWasSuspect)) return leastFailed(suspects);
    return others.length > 0 ? { reads: others, readsMax: Number.POSITIVE_INFINITY } : { reads: causes, readsMax: 1 };
  }

  #remember(item: InventoryItemId): void {
    this.#causes.delete(item); // the newest last
    this.#causes.add(item);
    const [oldest] = this.#causes;
    if (this.#causes.size > CAUSES_MAX && oldest !== undefined) this.#causes.delete(oldest);
  }
}

/** The other half goes before the half that failed again: it is more likely to be answered. */
function leastFailed(suspects: readonly (readonly [StoredRead, Mark])[]): Pick {
  const least = Math.min(...suspects.map(([, { failures }]) => failures));
  const chosen = suspects.filter(([, { failures }]) => failures === least);
  const readsMax = Math.min(...chosen.map(([, { companyMax }]) => companyMax));
  return { reads: chosen.map(([read]) => read), readsMax };
}
