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

type Desk = StoredRead & { readonly result: ReadResult | null };

export class ReadDesk {
  readonly #journal: Journal;
  readonly #reads = new Map<ReadKey, Desk>();
  readonly #inFlight = new Set<ReadKey>();

  constructor(journal: Journal) {
    this.#journal = journal;
    for (const read of journal.reads()) this.#reads.set(read.readKey, { ...read, result: null });
  }

  /** Reads that the journal has just stored. A known key is left as it is. */
  add(reads: readonly GateRead[], nowMs: number): void {
    for (const read of reads) {
      if (!this.#reads.has(read.readKey))
        this.#reads.set(read.readKey, { ...read, submittedAtMs: nowMs, result: null });
    }
  }

  get waitingCount(): number {
    return this.#waiting().length;
  }

  /** What the next query would take. */
  nextChunk(memory: GateMemory): (ReadChunk<StoredRead> & { readonly oldestMs: number }) | null {
    const waiting = this.#waiting();
    const limits = { pointsPerWeight: memory.pointsPerWeight, bucketMaximum: memory.budget.maximum };
    const chunk = chunkReads(waiting, limits);
    return chunk === null ? null : { ...chunk, oldestMs: waiting[0]?.submittedAtMs ?? 0 };
  }

  start(chunk: ReadChunk<StoredRead>): void {
    for (const { readKey } of chunk.reads) this.#inFlight.add(readKey);
  }

  /** @param payload  null: nothing came back; the reads wait for another try, or for their deadline */
  finish(chunk: ReadChunk<StoredRead>, payload: LevelsPayload | null): void {
    for (const read of chunk.reads) {
      this.#inFlight.delete(read.readKey);
      if (payload !== null) this.#settle(read.readKey, resultOf(read, payload));
    }
  }

  /** Give up what is too old. @returns when the next one will be, null if none waits; and whether any was */
  sweep(nowMs: number): { readonly nextMs: number | null; readonly gaveUp: boolean } {
    const forgotten: ReadKey[] = [];
    let nextMs = Number.POSITIVE_INFINITY;
    let gaveUp = false;
    for (const { readKey, listingId, submittedAtMs, result } of [...this.#reads.values()]) {
      const deadlineMs = submittedAtMs + READ_DEADLINE_MS;
      const forgetMs = submittedAtMs + READ_FORGET_MS;
      if (nowMs >= forgetMs) {
        forgotten.push(readKey);
      } else if (result === null && nowMs >= deadlineMs && !this.#inFlight.has(readKey)) {
        this.#settle(readKey, { kind: "failed", readKey, listingId, reason: "not answered in time" });
        gaveUp = true;
        nextMs = Math.min(nextMs, forgetMs);
      } else {
        nextMs = Math.min(nextMs, nowMs < deadlineMs ? deadlineMs : forgetMs);
      }
    }
    this.acknowledge(forgotten);
    return { nextMs: Number.isFinite(nextMs) ? nextMs : null, gaveUp };
  }

  answered(): readonly { readonly skuId: SkuId; readonly result: ReadResult }[] {
    return [...this.#reads.values()].flatMap(({ skuId, result }) => (result === null ? [] : [{ skuId, result }]));
  }

  acknowledge(readKeys: readonly ReadKey[]): void {
    if (readKeys.length === 0) return;
    this.#journal.forgetReads(readKeys);
    for (const readKey of readKeys) {
      this.#reads.delete(readKey);
      this.#inFlight.delete(readKey);
    }
  }

  #settle(readKey: ReadKey, result: ReadResult): void {
    const read = this.#reads.get(readKey);
    if (read !== undefined) this.#reads.set(readKey, { ...read, result });
  }

  #waiting(): readonly StoredRead[] {
    return [...this.#reads.values()].filter(({ readKey, result }) => result === null && !this.#inFlight.has(readKey));
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
