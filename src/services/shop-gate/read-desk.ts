/**
 * Reads of levels: gathered, answered together, given up in time (B8, B9). They are stored with the submit, so that a
 * new life of the object repeats them; an answer lives in memory only, because a repeated read is as good, and fresher.
 */
import type { ReadKey, SkuId } from "../../domain/ids.ts";
import { chunkReads, type ReadChunk } from "../../domain/shop-gate/chunk-reads.ts";
import type { GateMemory } from "../../domain/shop-gate/gate-memory.ts";
import { READ_DEADLINE_MS, READ_FORGET_MS } from "../../domain/shop-gate/limits.ts";
import type { LevelsPayload } from "../../domain/shop-gate/reply.ts";
import type { GateRead, ReadResult } from "../gate-contract.ts";
import type { Journal, StoredRead } from "./gate-deps.ts";
import { SuspectReads } from "./suspect-reads.ts";

type Answered = { readonly read: StoredRead; readonly result: ReadResult };

export class ReadDesk {
  readonly #journal: Journal;
  /** Without an answer, in the order in which they came; those under way included. */
  readonly #open = new Map<ReadKey, StoredRead>();
  readonly #inFlight = new Set<ReadKey>();
  /** With an answer that its counter has not acknowledged. */
  readonly #answered = new Map<ReadKey, Answered>();
  readonly #suspects = new SuspectReads();

  constructor(journal: Journal) {
    this.#journal = journal;
    for (const read of journal.reads()) this.#open.set(read.readKey, read);
  }

  /** Reads that the journal has just stored. A known key is left as it is. */
  add(reads: readonly GateRead[], nowMs: number): void {
    for (const read of reads) {
      if (this.#open.has(read.readKey) || this.#answered.has(read.readKey)) continue;
      this.#open.set(read.readKey, { ...read, submittedAtMs: nowMs });
    }
  }

  get waitingCount(): number {
    return this.#open.size - this.#inFlight.size;
  }

  /** What the next query would take. */
  nextChunk(memory: GateMemory): (ReadChunk<StoredRead> & { readonly oldestMs: number }) | null {
    const { reads, readsMax } = this.#suspects.pick(this.#waiting());
    const limits = { pointsPerWeight: memory.pointsPerWeight, bucketMaximum: memory.budget.maximum, readsMax };
    const chunk = chunkReads(reads, limits);
    return chunk === null ? null : { ...chunk, oldestMs: chunk.reads[0]?.submittedAtMs ?? 0 };
  }

  start(chunk: ReadChunk<StoredRead>): void {
    for (const { readKey } of chunk.reads) this.#inFlight.add(readKey);
    this.#suspects.started(chunk.reads);
  }

  /**
   * @param payload  null: nothing came back; the reads wait for another try, or for their deadline
   * @param isSuspect  what was asked for may be the reason
   */
  finish(chunk: ReadChunk<StoredRead>, payload: LevelsPayload | null, isSuspect: boolean): void {
    if (payload === null && isSuspect) this.#suspects.failed(chunk.reads);
    for (const read of chunk.reads) {
      this.#inFlight.delete(read.readKey);
      if (payload !== null && this.#open.has(read.readKey)) this.#settle(read, resultOf(read, payload));
    }
  }

  /** Give up what is too old. @returns when the next one will be, null if none waits; and whether any was */
  sweep(nowMs: number): { readonly nextMs: number | null; readonly gaveUp: boolean } {
    let nextMs: number | null = null;
    let gaveUp = false;
    for (const read of this.#open.values()) {
      const { readKey, listingId, submittedAtMs } = read;
      const dueMs = submittedAtMs + READ_DEADLINE_MS;
      if (nowMs < dueMs) {
        nextMs = dueMs;
        break; // the others came later
      }
      if (this.#inFlight.has(readKey)) continue; // its reply is seconds away, and wakes us
      this.#settle(read, { kind: "failed", readKey, listingId, reason: "not answered in time" });
      gaveUp = true;
    }
    const old = [...this.#answered.values()].filter(({ read }) => nowMs >= read.submittedAtMs + READ_FORGET_MS);
    this.acknowledge(old.map(({ read }) => read.readKey));
    for (const { read } of this.#answered.values()) {
      nextMs = Math.min(nextMs ?? Number.POSITIVE_INFINITY, read.submittedAtMs + READ_FORGET_MS);
    }
    return { nextMs, gaveUp };
  }

  answered(): readonly { readonly skuId: SkuId; readonly result: ReadResult }[] {
    return Array.from(this.#answered.values(), ({ read, result }) => ({ skuId: read.skuId, result }));
  }

  acknowledge(readKeys: readonly ReadKey[]): void {
    if (readKeys.length === 0) return;
    this.#journal.forgetReads(readKeys);
    for (const readKey of readKeys) this.#answered.delete(readKey);
  }

  #settle(read: StoredRead, result: ReadResult): void {
    this.#open.delete(read.readKey);
    if (result.kind === "answered") this.#suspects.answered(read);
    else this.#suspects.gaveUp(read);
    this.#answered.set(read.readKey, { read, result });
  }

  *#waiting(): Iterable<StoredRead> {
    for (const read of this.#open.values()) if (!this.#inFlight.has(read.readKey)) yield read;
  }
}

/** Levels that were asked for and are not stocked are left out: the counter parks them. */
function resultOf({ readKey, listingId, item, locations }: StoredRead, payload: LevelsPayload): ReadResult {
  const answer = payload.get(item) ?? null;
  if (answer === null) return { kind: "failed", readKey, listingId, reason: "the item's levels could not be read" };
  const levels = locations.flatMap((location) => {
    const level = answer.find((each) => each.location === location);
    return level === undefined ? [] : [{ ...level, location }];
  });
  return { kind: "answered", readKey, listingId, levels };
}
