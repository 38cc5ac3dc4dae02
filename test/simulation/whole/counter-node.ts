/**
 * The object around a counter's desk: its storage, its alarm, its lives. Calls travel, get lost, and are answered to nobody;
 * a life may end before or after any of them, or in the middle of its writing.
 */
import type { CounterDeps, CounterSettings } from "../../../durable-objects/counter-deps.ts";
import { CounterDesk } from "../../../durable-objects/counter-desk.ts";
import type { ObjectStorage } from "../../../durable-objects/object-storage.ts";
import { SKU_COUNTER_SCHEMA } from "../../../durable-objects/sku-counter-schema.ts";
import type { SkuId } from "../../../src/domain/ids.ts";
import { SqliteObjectStorage } from "../../support/sqlite/object-storage.ts";
import type { Prng } from "../replica/prng.ts";
import { EPOCH_MS } from "../replica/shopify.ts";
import type { Clock } from "./clock.ts";
import type { Faults } from "./faults.ts";
import { inLife, Life, LifeOver } from "./life.ts";
import { isWithin, type Window } from "./plan.ts";
import { storageInLife } from "./storage-in-life.ts";

/** A call that is stuck is answered after this, longer than anybody waits. */
const STUCK_MS = 45_000;
/** The platform runs an alarm that failed again after about this. */
const ALARM_AGAIN_MS = 2_000;
const ALARM_LATE_MS_MAX = 20_000;
/** A write of a call, counted from 1, at which the life ends. */
const CRASH_AT_MAX = 4;

export type NodeDeps = {
  readonly skuId: SkuId;
  readonly settings: CounterSettings;
  readonly clock: Clock;
  readonly prng: Prng;
  readonly faults: Faults;
  readonly callMsMax: number;
  readonly skewMsMax: number;
  readonly outages: readonly Window[];
  readonly outside: Pick<
    CounterDeps,
    "signal" | "signalChannel" | "report" | "tell" | "mirror" | "park" | "newId" | "log"
  >;
  /** After each step of the object, whether or not it ended well. */
  readonly stepped: (node: CounterNode) => void;
};

type Hosted = { readonly desk: CounterDesk; readonly life: Life; readonly skewMs: number };

export class CounterNode {
  readonly skuId: SkuId;
  readonly storage = new SqliteObjectStorage(SKU_COUNTER_SCHEMA);
  readonly #deps: NodeDeps;
  #hosted: Hosted | null = null;
  /** Counts down the writes of a call that will not end well. */
  #crashAt = 0;
  #alarms = 0;

  constructor(deps: NodeDeps) {
    this.#deps = deps;
    this.skuId = deps.skuId;
  }

  get desk(): CounterDesk {
    return this.#host().desk;
  }

  get nowMs(): number {
    return EPOCH_MS + this.#deps.clock.nowMs + this.#host().skewMs;
  }

  /** All that is in memory is lost. */
  evict(): void {
    this.#hosted?.life.end();
    this.#hosted = null;
  }

  /** A call from outside. Rejects like RPC: the object may or may not have done it. */
  call<Value>(run: (desk: CounterDesk) => Value | Promise<Value>): Promise<Value> {
    const { clock, prng, faults, callMsMax } = this.#deps;
    return new Promise((resolve, reject) => {
      const lost = (): void => clock.in(prng.int(1, 3_000), () => reject(new Error("network connection lost")));
      const isAway = !faults.isOver && isWithin(this.#deps.outages, clock.nowMs);
      if (isAway) faults.note("counter_away");
      if (isAway || faults.strikes("counter_call_lost")) {
        lost();
        return;
      }
      clock.in(prng.int(0, callMsMax), () => {
        if (faults.strikes("counter_evicted")) this.evict();
        const answer = this.#run(run);
        if (faults.strikes("counter_answer_lost")) {
          answer.catch(() => {});
          lost();
        } else if (faults.strikes("counter_stuck")) {
          answer.catch(() => {});
          clock.in(STUCK_MS, () => void answer.then(resolve, reject));
        } else void answer.then(resolve, reject);
      });
    });
  }

  /** Rejects when the life ends first: whoever called is told that the object was reset. */
  async #run<Value>(run: (desk: CounterDesk) => Value | Promise<Value>): Promise<Value> {
    const { faults, prng, stepped } = this.#deps;
    const { desk, life } = this.#host();
    this.#crashAt = faults.strikes("counter_crashed_writing") ? prng.int(1, CRASH_AT_MAX) : 0;
    try {
      const value = run(desk);
      this.#crashAt = 0;
      return value instanceof Promise ? await inLife(life, value) : value;
    } finally {
      this.#crashAt = 0;
      stepped(this);
    }
  }

  #host(): Hosted {
    this.#hosted ??= this.#begin();
    return this.#hosted;
  }

  #begin(): Hosted {
    const { skuId, settings, clock, prng, faults, skewMsMax, outside } = this.#deps;
    const life = new Life();
    const skewMs = skewMsMax === 0 || faults.isOver ? 0 : prng.int(-skewMsMax, skewMsMax);
    if (skewMs !== 0) faults.note("clock_skewed");
    const desk = new CounterDesk({
      ...outside,
      skuId,
      settings,
      storage: this.#storageOf(life, skewMs),
      park: (words) => life.await(outside.park(words)),
      report: (notice) => life.await(outside.report(notice)),
      tell: (notice) => life.await(outside.tell(notice)),
      sleep: (ms) => life.await(new Promise((resolve) => clock.in(ms, resolve))),
      nowMs: () => EPOCH_MS + clock.nowMs + skewMs,
      beside: () => {},
    });
    return { desk, life, skewMs };
  }

  #storageOf(life: Life, skewMs: number): ObjectStorage {
    const arm = (atMs: number): void => this.#arm(atMs - EPOCH_MS - skewMs);
    return storageInLife(this.storage, life, arm, (query) => {
      if (this.#crashAt === 0 || query.startsWith("SELECT")) return;
      this.#crashAt -= 1;
      if (this.#crashAt > 0) return;
      this.evict();
      throw new LifeOver("the object was cut off while it wrote");
    });
  }

  /** One alarm per object: a later one takes its place. */
  #arm(atMs: number): void {
    const { clock, faults, prng } = this.#deps;
    const alarm = ++this.#alarms;
    const lateMs = faults.strikes("alarm_late") ? prng.int(0, ALARM_LATE_MS_MAX) : 0;
    clock.at(atMs + lateMs, () => {
      if (alarm !== this.#alarms) return;
      if (faults.strikes("counter_evicted")) this.evict();
      const { life } = this.#host();
      // The platform lets an alarm ring again that was cut off, or that failed.
      const again = (): void => this.#arm(clock.nowMs + ALARM_AGAIN_MS);
      void this.#run((desk) => desk.alarm()).then(() => {
        if (life.isOver) again();
      }, again);
    });
  }
}
