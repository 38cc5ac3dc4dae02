/**
 * Coordinators over model counters, on the shipped SQL, under a virtual clock. Each call to a counter meets a fate: it may be
 * lost on its way, its answer may be lost, it may come late, and the coordinator may die before or after it.
 */

import type { CoordinatorDeps } from "../../../durable-objects/reservation-deps.ts";
import { ReservationDesk } from "../../../durable-objects/reservation-desk.ts";
import { ReservationRows } from "../../../durable-objects/reservation-rows.ts";
import { fromStore, type LocationId, type ReservationId, type SkuId } from "../../../src/domain/ids.ts";
import type { ReservationRequest } from "../../../src/domain/reservation/reservation.ts";
import type { Task, TaskAnswer } from "../../../src/domain/reservation/task.ts";
import type { CoordinatorTiming } from "../../../src/domain/reservation/wake.ts";
import { newTally } from "../../../src/domain/telemetry/tally.ts";
import { SqliteObjectStorage } from "../sqlite/object-storage.ts";
import { ModelCounter } from "./model-counter.ts";

export type Fate = "answered" | "lost" | "answer_lost" | "late" | "dies_before" | "dies_after";

export const TIMING: CoordinatorTiming = {
  prepareMs: 30_000,
  stragglerMs: 60_000,
  commitMarginMs: 5_000,
  retryMs: 1_000,
  retryMsMax: 60_000,
  keptMs: 86_400_000,
};
/** Within `stragglerMs`: what comes later than that is held until its expiry. */
const LATE_MS = 40_000;
const CALL_MS = 20;

export type LineGiven = { readonly sku: string; readonly quantity: number; readonly at?: string };

export class ReservationWorld {
  nowMs = 1_800_000_000_000;
  readonly counters: ReadonlyMap<SkuId, ModelCounter>;
  readonly storage = new SqliteObjectStorage([]);
  readonly asked: string[] = [];
  readonly tally = newTally();
  /** Consumed one per call; then every call is answered. */
  fates: Fate[] = [];
  /** Runs just before, or after, a call reaches its counter: another's deed exactly there. */
  before: (task: Task) => void = () => {};
  after: (task: Task) => void = () => {};
  #desk: ReservationDesk;
  #late: { readonly atMs: number; readonly task: Task }[] = [];
  #attempts = 0;
  #die: () => void = () => {};

  constructor(stock: Readonly<Record<string, Readonly<Record<string, number>>>>) {
    this.counters = new Map(
      Object.entries(stock).map(([sku, places]) => [fromStore<SkuId>(sku), new ModelCounter(places)]),
    );
    this.#desk = this.#newDesk();
  }

  /** Null: the coordinator died before it answered, and another life took its place. */
  async ask<Reply>(call: (desk: ReservationDesk) => Promise<Reply>): Promise<Reply | null> {
    const death = new Promise<null>((resolve) => {
      this.#die = () => {
        this.#desk = this.#newDesk();
        resolve(null);
      };
    });
    return Promise.race([call(this.#desk), death]);
  }

  restart(): void {
    this.#desk = this.#newDesk();
  }

  counter(sku: string): ModelCounter {
    const counter = this.counters.get(fromStore(sku));
    if (counter === undefined) throw new Error(`no counter ${sku}`);
    return counter;
  }

  /** Time passes: what is late arrives, and the alarm rings when it is due. */
  async wait(ms: number): Promise<void> {
    const untilMs = this.nowMs + ms;
    for (let rings = 0; rings < 200; rings += 1) {
      const { alarmAtMs } = this.storage;
      const dueMs = Math.min(alarmAtMs ?? Number.POSITIVE_INFINITY, ...this.#late.map(({ atMs }) => atMs));
      if (dueMs > untilMs) break;
      this.nowMs = Math.max(this.nowMs, dueMs);
      this.#deliverLate();
      if (alarmAtMs === null || alarmAtMs > this.nowMs) continue;
      this.storage.alarmAtMs = null;
      await this.ask((desk) => desk.alarm());
    }
    this.nowMs = Math.max(this.nowMs, untilMs);
    this.#deliverLate();
    for (const counter of this.counters.values()) counter.expire(this.nowMs);
  }

  #deliverLate(): void {
    const due = this.#late.filter(({ atMs }) => atMs <= this.nowMs);
    this.#late = this.#late.filter(({ atMs }) => atMs > this.nowMs);
    for (const { task } of due) this.#reach(task);
  }

  #newDesk(): ReservationDesk {
    const deps: CoordinatorDeps = {
      storage: new ReservationRows(this.storage, () => this.nowMs),
      timing: TIMING,
      callsMax: 10,
      ask: (task) => this.#meet(task),
      tryAsk: async (task) => this.counterOf(task).copy().answer(task, this.nowMs),
      nowMs: () => this.nowMs,
      newAttempt: () => `a${++this.#attempts}`,
      beside: () => {},
      log: () => {},
      meter: this.tally,
    };
    return new ReservationDesk(deps);
  }

  counterOf({ skuId }: Task): ModelCounter {
    return this.counter(skuId);
  }

  async #meet(task: Task): Promise<TaskAnswer> {
    this.asked.push(`${task.kind} ${task.skuId}`);
    this.nowMs += CALL_MS;
    const fate = this.fates.shift() ?? "answered";
    switch (fate) {
      case "answered":
        return this.#reach(task);
      case "lost":
        return { kind: "unanswered", reason: "lost" };
      case "answer_lost":
        this.#reach(task);
        return { kind: "unanswered", reason: "answer lost" };
      case "late":
        this.#late.push({ atMs: this.nowMs + LATE_MS, task });
        return { kind: "unanswered", reason: "late" };
      case "dies_after":
        this.#reach(task);
        this.#die();
        return new Promise(() => {});
      case "dies_before":
        this.#die();
        return new Promise(() => {});
    }
  }

  #reach(task: Task): TaskAnswer {
    this.before(task);
    const answer = this.counterOf(task).answer(task, this.nowMs);
    this.after(task);
    return answer;
  }
}

export function requestOf(lines: readonly LineGiven[], over: Partial<ReservationRequest> = {}): ReservationRequest {
  const parts = lines.map(({ sku, quantity, at }, line) => ({
    sku,
    part: { line, each: 1, quantity, locationId: at === undefined ? null : fromStore<LocationId>(at) },
  }));
  return {
    id: fromStore<ReservationId>("rsv_1"),
    fingerprint: JSON.stringify(lines),
    client: "shop-frontend",
    channel: null,
    cause: { reason: "reservation", reference: null, source: "api", actor: "test", correlationId: fromStore("c") },
    ttlMs: 60_000,
    lines: lines.map(({ sku, quantity, at }) => ({
      sku: fromStore(sku),
      quantity,
      locationId: at === undefined ? null : fromStore<LocationId>(at),
    })),
    members: Array.from(
      Map.groupBy(parts, ({ sku }) => sku),
      ([sku, group]) => ({ skuId: fromStore(sku), sku: fromStore(sku), parts: group.map(({ part }) => part) }),
    ),
    commits: false,
    isFulfilled: false,
    ...over,
  };
}
