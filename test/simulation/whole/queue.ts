/**
 * Model of a queue as Cloudflare documents it: at least once, in no order, batches of any size, retries after a delay, and
 * after the last of them the dead-letter queue. Bodies travel as JSON.
 */
import type { Message, MessageBatch } from "@cloudflare/workers-types";
import type { QueueSpec } from "../../../src/queues/queue-table.ts";
import type { Prng } from "../replica/prng.ts";
import type { Clock } from "./clock.ts";
import type { Faults } from "./faults.ts";
import { Life } from "./life.ts";

type Waiting = { readonly id: string; readonly body: string; attempts: number; readonly sentMs: number };
type Fate = { readonly kind: "acked" } | { readonly kind: "retried"; readonly delaySeconds: number };

/** An invocation that was cut off gives its messages back after so long. */
const LEASE_MS = 15_000;
const COPIES_AFTER_MS = 20_000;
const CONCURRENCY = 3;

export type QueueDeps = {
  readonly spec: QueueSpec;
  readonly clock: Clock;
  readonly prng: Prng;
  readonly faults: Faults;
  readonly lateMsMax: number;
  /** Null: the queue has no dead-letter queue. */
  readonly dead: ((body: string) => void) | null;
  readonly consume: (batch: MessageBatch<unknown>, spec: QueueSpec, life: Life) => Promise<void>;
};

export class ModelQueue {
  readonly #deps: QueueDeps;
  readonly #ready: Waiting[] = [];
  #running = 0;
  #isPumpPlanned = false;
  #sent = 0;
  /** Messages that are neither acked nor dead. */
  open = 0;

  constructor(deps: QueueDeps) {
    this.#deps = deps;
  }

  /** Durable when it resolves; rejects when the queue refuses. */
  async send(body: unknown): Promise<void> {
    if (this.#deps.faults.strikes("message_refused")) throw new Error("Too Many Requests");
    this.put(JSON.stringify(body));
  }

  put(body: string): void {
    const { faults, prng, clock, spec } = this.#deps;
    this.#sent += 1;
    this.open += 1;
    const message = { id: `${spec.queue}-${this.#sent}`, body, attempts: 0, sentMs: clock.nowMs };
    this.#arrive(message, faults.strikes("message_late") ? prng.int(1_000, this.#deps.lateMsMax) : 0);
    if (!faults.strikes("message_repeated")) return;
    this.open += 1;
    this.#arrive({ ...message }, prng.int(0, COPIES_AFTER_MS));
  }

  #arrive(message: Waiting, delayMs: number): void {
    const arrived = (): void => {
      this.#ready.push(message);
      this.#planPump();
    };
    if (delayMs === 0) arrived();
    else this.#deps.clock.in(delayMs, arrived);
  }

  #planPump(): void {
    if (this.#isPumpPlanned || this.#running >= CONCURRENCY) return;
    this.#isPumpPlanned = true;
    const { clock, prng, spec } = this.#deps;
    clock.in(spec.batchWaitSeconds * 1_000 + prng.int(1, 40), () => {
      this.#isPumpPlanned = false;
      this.#pump();
    });
  }

  #pump(): void {
    if (this.#ready.length === 0 || this.#running >= CONCURRENCY) return;
    const { faults, prng, spec } = this.#deps;
    const isSplit = this.#ready.length > 1 && faults.strikes("batch_split");
    const size = isSplit ? prng.int(1, this.#ready.length - 1) : this.#ready.length;
    const batch: Waiting[] = [];
    while (batch.length < Math.min(size, spec.batchSizeMax)) {
      const isOvertaken = this.#ready.length > 1 && faults.strikes("message_overtaken");
      const [message] = this.#ready.splice(isOvertaken ? prng.int(1, this.#ready.length - 1) : 0, 1);
      if (message !== undefined) batch.push(message);
    }
    this.#running += 1;
    void this.#deliver(batch).finally(() => {
      this.#running -= 1;
      if (this.#ready.length > 0) this.#planPump();
    });
    if (this.#ready.length > 0) this.#planPump();
  }

  async #deliver(batch: readonly Waiting[]): Promise<void> {
    const { faults, prng, clock, spec, consume } = this.#deps;
    const life = new Life();
    const fates = new Map<Waiting, Fate>();
    const messages = batch.map((waiting): Message<unknown> => {
      waiting.attempts += 1;
      const { id, attempts, body, sentMs } = waiting;
      const settle = (fate: Fate): void => {
        if (!life.isOver && !fates.has(waiting)) fates.set(waiting, fate);
      };
      return {
        ...{ id, attempts, body: JSON.parse(body) as unknown, timestamp: new Date(sentMs) },
        ack: () => settle({ kind: "acked" }),
        retry: (options) => settle({ kind: "retried", delaySeconds: options?.delaySeconds ?? 0 }),
      } as Message<unknown>;
    });
    const cutOff = new Promise<"cut off">((resolve) => {
      if (faults.strikes("consumer_killed"))
        clock.in(prng.int(0, 50), () => {
          life.end();
          resolve("cut off");
        });
    });
    const work = consume({ queue: spec.queue, messages } as unknown as MessageBatch<unknown>, spec, life);
    const how = await Promise.race([work.then(() => "ended" as const), cutOff]).catch(() => "threw" as const);
    for (const waiting of batch) {
      // Whoever returns without a word acknowledges; whoever throws, or is cut off, does not.
      const unsaid: Fate = how === "ended" ? { kind: "acked" } : { kind: "retried", delaySeconds: 0 };
      this.#settle(waiting, (how === "cut off" ? null : fates.get(waiting)) ?? unsaid, how === "cut off");
    }
    life.end();
  }

  #settle(message: Waiting, fate: Fate, isCutOff: boolean): void {
    const { spec, dead } = this.#deps;
    if (fate.kind === "acked") {
      this.open -= 1;
    } else if (message.attempts > spec.triesMax && dead !== null) {
      this.open -= 1;
      dead(message.body);
    } else this.#arrive(message, isCutOff ? LEASE_MS : fate.delaySeconds * 1_000);
  }
}
