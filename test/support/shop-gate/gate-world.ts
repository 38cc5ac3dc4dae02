/**
 * A gate with its real journal (SQLite), a model of Shopify, counters that remember what they were told, and a virtual
 * clock. The gate's life can be ended after any step (a write of the journal, either side of a request or of a report)
 * and a new one begun: all that a crash leaves is the database and the alarm.
 */
import { ShopGateJournal } from "../../../durable-objects/shop-gate-journal.ts";
import { SHOP_GATE_SCHEMA } from "../../../durable-objects/shop-gate-schema.ts";
import type { BreakerChange } from "../../../src/domain/breaker/news.ts";
import { type CallKey, fromStore, type PushKey, type SkuId } from "../../../src/domain/ids.ts";
import { newTally } from "../../../src/domain/telemetry/tally.ts";
import type { PushResult, ReadResult, SubmitReply, SubmitRequest } from "../../../src/services/gate-contract.ts";
import type { GateDeps, Journal, ShopifyPort } from "../../../src/services/shop-gate/gate-deps.ts";
import { GateMind } from "../../../src/services/shop-gate/gate-mind.ts";
import { GateOperator } from "../../../src/services/shop-gate/gate-operator.ts";
import { Gate } from "../../../src/services/shop-gate/shop-gate.ts";
import { SqliteObjectStorage } from "../sqlite/object-storage.ts";
import { ModelShopify } from "./model-shopify.ts";

export const START_MS = 1_800_000_000_000;
const RECOVERY_MS = 15_000;
const TIMER_MS_MAX = 5_000;

/** Journal methods that write: each is a step after which a life may end. */
const WRITES: ReadonlySet<string> = new Set<keyof Journal>([
  "submit",
  "startCall",
  "startAttempt",
  "settleCall",
  "taintOpenAttempts",
  "hastenFrozen",
  "expireCall",
  "approve",
  "settlePush",
  "acknowledge",
  "forgetReads",
  "prune",
  "saveMemory",
  "saveSettings",
  "saveToken",
]);

export type Life = {
  isAlive: boolean;
  readonly gate: Gate;
  readonly mind: GateMind;
  readonly operator: GateOperator;
};

/** What a counter has heard, by key: the first word counts, as in the counter itself. */
export class ModelCounter {
  readonly pushes = new Map<PushKey, PushResult>();
  readonly reads: ReadResult[] = [];
  heard = 0;
  /** Repeats that said something else than the first word. */
  readonly contradictions: PushResult[] = [];
}

export class GateWorld {
  nowMs = START_MS;
  readonly storage = new SqliteObjectStorage(SHOP_GATE_SCHEMA);
  readonly journal = new ShopGateJournal(this.storage);
  readonly shopify = new ModelShopify(() => this.nowMs);
  readonly counters = new Map<SkuId, ModelCounter>();
  readonly logs: { readonly level: string; readonly event: string; readonly code?: string }[] = [];
  /** Reports that fail, first to last. */
  reportFaults: ("ok" | "unreachable" | "ack_lost")[] = [];
  /** Changes of the breaker, as each life saw them, and as the queue has them. */
  readonly breakerChanges: string[] = [];
  readonly announced: string[] = [];
  queueIsAway = false;
  readonly tally = newTally();
  fixedToken: string | null = null;
  /** Milliseconds that each answer of Shopify takes. */
  latencyMs = 0;
  /** Steps of all lives so far; the life ends after step `killAfter`. */
  steps: string[] = [];
  killAfter: number | null = null;
  /** Or after the next step of this name. */
  killOn: string | null = null;
  random: () => number = () => 0;
  life: Life;
  #wakeAtMs: number | null = null;
  #alarmAtMs: number | null = null;
  #calls = 0;
  #pending: { atMs: number; go: () => void }[] = [];

  constructor() {
    this.life = this.#begin();
  }

  get gate(): Gate {
    return this.life.gate;
  }

  /** The life of the object ends here and now; its requests go on in the network, their replies reach nobody. */
  crash(): void {
    this.life.isAlive = false;
    this.#wakeAtMs = null;
  }

  restart(): void {
    this.crash();
    this.life = this.#begin();
  }

  submit(request: Partial<SubmitRequest>): SubmitReply["pushes"] {
    return this.gate.submit({ pushes: request.pushes ?? [], reads: request.reads ?? [] }).pushes;
  }

  counter(skuId: SkuId): ModelCounter {
    const counter = this.counters.get(skuId) ?? new ModelCounter();
    this.counters.set(skuId, counter);
    return counter;
  }

  /** Let everything happen that is due now, without letting time pass. */
  async settle(): Promise<void> {
    for (let quiet = 0; quiet < 1; ) {
      const due = this.#pending.filter(({ atMs }) => atMs <= this.nowMs);
      this.#pending = this.#pending.filter(({ atMs }) => atMs > this.nowMs);
      for (const { go } of due) go();
      await new Promise((resolve) => setImmediate(resolve));
      quiet = due.length > 0 ? 0 : quiet + 1;
    }
  }

  /** Time passes until `atMs`; timers and alarm of the object ring on the way, in order. */
  async advanceTo(atMs: number): Promise<void> {
    await this.settle();
    for (;;) {
      const next = this.#nextMs();
      if (next === null || next > atMs) break;
      this.nowMs = Math.max(this.nowMs, next);
      await this.#ring();
      await this.settle();
    }
    this.nowMs = Math.max(this.nowMs, atMs);
    await this.settle();
  }

  advance(ms: number): Promise<void> {
    return this.advanceTo(this.nowMs + ms);
  }

  #nextMs(): number | null {
    const wakeMs = this.life.isAlive ? this.#wakeAtMs : null;
    const times = [wakeMs, this.#alarmAtMs, ...this.#pending.map(({ atMs }) => atMs)];
    const known = times.filter((time): time is number => time !== null);
    return known.length === 0 ? null : Math.min(...known);
  }

  async #ring(): Promise<void> {
    if (this.#wakeAtMs !== null && this.life.isAlive && this.#wakeAtMs <= this.nowMs) {
      this.#wakeAtMs = null;
      this.gate.look();
    }
    if (this.#alarmAtMs === null || this.#alarmAtMs > this.nowMs) return;
    this.#alarmAtMs = null;
    // The alarm wakes an object that is gone.
    if (!this.life.isAlive) this.life = this.#begin();
    this.gate.look();
  }

  #begin(): Life {
    const life: { isAlive: boolean } = { isAlive: true };
    const deps = this.#deps(life);
    const mind = new GateMind(deps);
    const gate = new Gate(deps, mind);
    return Object.assign(life, { gate, mind, operator: new GateOperator(gate, mind, deps) });
  }

  #deps(life: { isAlive: boolean }): GateDeps {
    return {
      shop: fromStore("shop-a.myshopify.com"),
      breaker: {
        changed: ({ from, to }) => void this.breakerChanges.push(`${from} ${to}`),
        announce: (changes) => this.#announce(life, changes),
      },
      journal: this.#journalOf(life),
      shopify: this.#portOf(life),
      results: { report: (skuId, pushes, reads) => this.#report(life, skuId, pushes, reads) },
      log: (level, event, fields) => {
        if (life.isAlive)
          this.logs.push({ level, event, ...(fields?.code === undefined ? {} : { code: fields.code }) });
      },
      meter: this.tally,
      now: () => this.nowMs,
      random: () => this.random(),
      mintCallKey: () => {
        this.#calls += 1;
        return fromStore<CallKey>(`call-${this.#calls}`);
      },
      schedule: (wakeAtMs, isBusy) => {
        if (!life.isAlive) return;
        this.#wakeAtMs = wakeAtMs;
        // As in shop-gate-clock.ts: timers are for short waits, the alarm for long ones and for the end of this life.
        const isShort = wakeAtMs !== null && wakeAtMs <= this.nowMs + TIMER_MS_MAX;
        const recoveryMs = isBusy || isShort ? this.nowMs + RECOVERY_MS : null;
        const times = [recoveryMs, isShort ? null : wakeAtMs].filter((time): time is number => time !== null);
        if (times.length > 0) this.#alarmAtMs = Math.min(...times);
      },
    };
  }

  /** @returns whether the life is over now */
  #step(life: { isAlive: boolean }, name: string): boolean {
    if (!life.isAlive) return true;
    this.steps.push(name);
    if (this.steps.length === this.killAfter || name === this.killOn) {
      this.killOn = null;
      life.isAlive = false;
      this.#wakeAtMs = null;
      // In the object a turn's writes and its alarm are one commit; here the life may end between them.
      this.#alarmAtMs = Math.min(this.#alarmAtMs ?? Number.POSITIVE_INFINITY, this.nowMs + RECOVERY_MS);
    }
    return !life.isAlive;
  }

  #journalOf(life: { isAlive: boolean }): Journal {
    return new Proxy<Journal>(this.journal, {
      get: (journal, name, receiver) => {
        const method = Reflect.get(journal, name, receiver) as unknown;
        if (typeof method !== "function") return method;
        return (...given: unknown[]) => {
          if (!WRITES.has(String(name))) return method.apply(journal, given);
          // The rest of a turn whose life is over writes nothing.
          if (!life.isAlive) return name === "submit" ? [] : name === "prune" ? null : 0;
          const value = method.apply(journal, given) as unknown;
          this.#step(life, `journal.${String(name)}`);
          return value;
        };
      },
    });
  }

  #portOf(life: { isAlive: boolean }): ShopifyPort {
    const shopify = this.shopify;
    const ask = <Reply>(name: string, answer: () => Reply): Promise<Reply> =>
      new Promise((resolve) => {
        if (this.#step(life, `${name}: about to leave`)) return;
        const reply = answer();
        if (this.#step(life, `${name}: arrived`)) return;
        this.#pending.push({
          atMs: this.nowMs + this.latencyMs,
          go: () => {
            if (life.isAlive) resolve(reply);
          },
        });
      });
    return {
      fixedToken: this.fixedToken,
      grantToken: () => ask("token", () => shopify.grant()),
      adjustVariables: (callKey, rows) => shopify.adjustVariables(callKey, rows),
      referenceDocumentUri: (callKey) => `gid://onhand/Push/${callKey}`,
      adjust: (token, variables) => ask("adjust", () => shopify.adjust(token, variables)),
      moveVariables: (callKey, rows) => shopify.moveVariables(callKey, rows),
      move: (token, variables) => ask("move", () => shopify.move(token, variables)),
      levels: (token, items, locations) => ask("levels", () => shopify.readLevels(token, items, locations)),
      probe: (token) => ask("probe", () => shopify.probe(token)),
      graphql: (token) => ask("graphql", () => shopify.plain(token)),
    };
  }

  #report(
    life: { isAlive: boolean },
    skuId: SkuId,
    pushes: readonly PushResult[],
    reads: readonly ReadResult[],
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#step(life, "report: about to leave")) return;
      const fault = this.reportFaults.shift() ?? "ok";
      if (fault !== "unreachable") this.#hear(skuId, pushes, reads);
      if (this.#step(life, "report: arrived")) return;
      const go = (): void => {
        if (!life.isAlive) return;
        if (fault === "ok") resolve();
        else reject(new Error(fault));
      };
      this.#pending.push({ atMs: this.nowMs, go });
    });
  }

  async #announce(life: { isAlive: boolean }, changes: readonly BreakerChange[]): Promise<void> {
    if (this.#step(life, "announce: about to leave")) return new Promise(() => undefined);
    if (this.queueIsAway) throw new Error("Too Many Requests");
    this.announced.push(...changes.map(({ from, to }) => `${from} ${to}`));
    if (this.#step(life, "announce: arrived")) return new Promise(() => undefined);
  }

  #hear(skuId: SkuId, pushes: readonly PushResult[], reads: readonly ReadResult[]): void {
    const counter = this.counter(skuId);
    counter.heard += 1;
    for (const push of pushes) {
      const first = counter.pushes.get(push.pushKey);
      if (first === undefined) counter.pushes.set(push.pushKey, push);
      else if (JSON.stringify(first) !== JSON.stringify(push)) counter.contradictions.push(push);
    }
    counter.reads.push(...reads);
  }
}
