/**
 * Faults on demand, at the HTTP side: what a Worker sees of an Upstash that is slow, hangs, fails or cuts connections.
 * They are set and lifted while the gateway runs.
 */
import type { Socket } from "node:net";

export type Failure =
  /** Never answered. "headers": not one byte comes. "body": status and headers come, the body never ends. */
  | { readonly kind: "hang"; readonly at: "headers" | "body" }
  /** Answered with this status and error text; nothing is applied. */
  | { readonly kind: "status"; readonly status: number; readonly error: string }
  /** Answered 200 with text that is no JSON, as a proxy in between may do; nothing is applied. */
  | { readonly kind: "garbled" }
  /** The connection is cut. With `applied` the commands took effect first: the client cannot know. */
  | { readonly kind: "refuse"; readonly applied: boolean };

export type FaultPlan = {
  /** Added before each answer, in milliseconds. */
  readonly latencyMs: number;
  readonly failure: Failure | null;
  /** How many requests fail; those after them pass. Infinity: until it is lifted. */
  readonly times: number;
};

const NO_FAULTS: FaultPlan = { latencyMs: 0, failure: null, times: Number.POSITIVE_INFINITY };

export class Faults {
  #plan: FaultPlan = NO_FAULTS;
  #left = Number.POSITIVE_INFINITY;
  readonly #hanging = new Set<Socket>();

  /** Replaces what was set before. What is left out is off. */
  set(plan: Partial<FaultPlan>): void {
    this.#plan = { ...NO_FAULTS, ...plan };
    this.#left = this.#plan.times;
  }

  /** Lifts every fault. Requests that hang are cut: they will not be answered any more. */
  clear(): void {
    this.set({});
    for (const socket of this.#hanging) socket.destroy();
    this.#hanging.clear();
  }

  /** What the next request meets; counts down `times`. */
  take(): Failure | null {
    if (this.#plan.failure === null || this.#left <= 0) return null;
    this.#left--;
    return this.#plan.failure;
  }

  get latencyMs(): number {
    return this.#plan.latencyMs;
  }

  /** Keeps hold of a connection that is left without an answer. */
  hang(socket: Socket): void {
    this.#hanging.add(socket);
    socket.once("close", () => this.#hanging.delete(socket));
  }
}
