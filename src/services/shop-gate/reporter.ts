/**
 * Tells counters what became of their pushes and reads, again and again until they have acknowledged (rule 12). Many
 * counters at once, but bounded; one that does not answer waits by itself and holds nobody else up.
 */
import { backoffSeconds } from "../../domain/backoff.ts";
import type { SkuId } from "../../domain/ids.ts";
import { REPORT_BACKOFF, REPORT_ROWS_MAX, REPORTS_IN_FLIGHT_MAX } from "../../domain/shop-gate/limits.ts";
import { reasonOf } from "../../observability/log.ts";
import type { PushResult, ReadResult } from "../gate-contract.ts";
import type { GateDeps } from "./gate-deps.ts";
import type { ReadDesk } from "./read-desk.ts";

type Parcel = { readonly pushes: PushResult[]; readonly reads: ReadResult[] };
type Pause = { readonly failures: number; readonly untilMs: number };

export class Reporter {
  readonly #deps: GateDeps;
  readonly #reads: ReadDesk;
  readonly #afterwards: () => void;
  readonly #inFlight = new Set<SkuId>();
  /** Parcels that may go, read from the journal at once: asking it after every single report would be quadratic. */
  #backlog = new Map<SkuId, Parcel>();
  /** There may be results that the backlog does not have. */
  #isStale = true;
  /** Memory only: a new life of the object asks everybody at once again. */
  readonly #pauses = new Map<SkuId, Pause>();

  constructor(deps: GateDeps, reads: ReadDesk, afterwards: () => void) {
    this.#deps = deps;
    this.#reads = reads;
    this.#afterwards = afterwards;
  }

  get isBusy(): boolean {
    return this.#inFlight.size > 0;
  }

  /** There are new results. */
  note(): void {
    this.#isStale = true;
  }

  /** Start what may start. @returns when the first paused counter is due, null if none is */
  kick(nowMs: number): number | null {
    const pausedMs = Math.min(...Array.from(this.#pauses.values(), ({ untilMs }) => untilMs));
    if (this.#isStale || pausedMs <= nowMs) this.#refill(nowMs);
    this.#next();
    const untilMs = [...this.#pauses.values()].map((pause) => pause.untilMs).filter((atMs) => atMs > nowMs);
    return untilMs.length === 0 ? null : Math.min(...untilMs);
  }

  #refill(nowMs: number): void {
    const parcels = new Map<SkuId, Parcel>();
    const parcelOf = (skuId: SkuId): Parcel => {
      const parcel = parcels.get(skuId) ?? { pushes: [], reads: [] };
      parcels.set(skuId, parcel);
      return parcel;
    };
    const unreported = this.#deps.journal.unreported(REPORT_ROWS_MAX);
    for (const { skuId, result } of unreported) parcelOf(skuId).pushes.push(result);
    for (const { skuId, result } of this.#reads.answered()) parcelOf(skuId).reads.push(result);
    this.#backlog = new Map();
    this.#isStale = unreported.length === REPORT_ROWS_MAX;
    for (const [skuId, parcel] of parcels) {
      if (this.#inFlight.has(skuId)) this.#isStale = true;
      else if ((this.#pauses.get(skuId)?.untilMs ?? 0) <= nowMs) this.#backlog.set(skuId, parcel);
    }
    // What a paused counter was owed may have been settled otherwise (a read that grew too old).
    for (const [skuId, { untilMs }] of this.#pauses)
      if (untilMs <= nowMs && !parcels.has(skuId)) this.#pauses.delete(skuId);
  }

  #next(): void {
    for (const [skuId, parcel] of this.#backlog) {
      if (this.#inFlight.size >= REPORTS_IN_FLIGHT_MAX) return;
      this.#backlog.delete(skuId);
      void this.#report(skuId, parcel);
    }
  }

  async #report(skuId: SkuId, { pushes, reads }: Parcel): Promise<void> {
    const { results, journal, log, shop } = this.#deps;
    this.#inFlight.add(skuId);
    try {
      await results.report(skuId, pushes, reads);
      if (pushes.length > 0) journal.acknowledge(pushes.map(({ pushKey }) => pushKey));
      this.#reads.acknowledge(reads.map(({ readKey }) => readKey));
      this.#pauses.delete(skuId);
    } catch (error) {
      const failures = (this.#pauses.get(skuId)?.failures ?? 0) + 1;
      const waitSeconds = backoffSeconds(failures, REPORT_BACKOFF, this.#deps.random);
      this.#pauses.set(skuId, { failures, untilMs: this.#deps.now() + waitSeconds * 1_000 });
      log("warn", "gate.report_failed", { shop, skuId, attempts: failures, reason: reasonOf(error) });
    } finally {
      this.#inFlight.delete(skuId);
      this.#next();
      if (this.#isStale || this.#inFlight.size === 0) this.#afterwards();
    }
  }
}
