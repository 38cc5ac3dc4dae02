/** Sales at a rate that can be changed while they go on: three orders at Shopify to one take at a till. */
import { setTimeout as sleep } from "node:timers/promises";
import { fromStore, type Sku } from "../../src/domain/ids.ts";
import type { BenchStack } from "./bench-stack.ts";
import { order, take } from "./sales.ts";

const TILL_EVERY = 4;
const TICK_MS = 5;
/** A tick that comes late makes up for so much, and no more: a burst of a second would measure itself. */
const CATCH_UP_MS = 200;

export class SteadySales {
  readonly #bench: BenchStack;
  readonly #skus: readonly Sku[];
  readonly #tills = new Set<Promise<void>>();
  #perSecond = 0;
  #due = 0;
  #isOver = false;
  #going: Promise<void> | null = null;
  sales = 0;
  tillErrors = 0;

  constructor(bench: BenchStack, skus: readonly Sku[]) {
    this.#bench = bench;
    this.#skus = skus;
  }

  /** Sales per second from now on. */
  set rate(perSecond: number) {
    this.#perSecond = perSecond;
    this.#going ??= this.#go();
  }

  /** Tills that wait for their answer. */
  get tillsWaiting(): number {
    return this.#tills.size;
  }

  /** Resolves when every till has its answer. */
  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#going;
    await Promise.all(this.#tills);
  }

  async #go(): Promise<void> {
    let lastMs = performance.now();
    while (!this.#isOver) {
      const nowMs = performance.now();
      this.#due += (Math.min(nowMs - lastMs, CATCH_UP_MS) / 1_000) * this.#perSecond;
      lastMs = nowMs;
      for (; this.#due >= 1; this.#due -= 1) this.#sell();
      await sleep(TICK_MS);
    }
  }

  #sell(): void {
    this.sales += 1;
    if (this.sales % TILL_EVERY !== 0) {
      order(this.#bench, this.#skus, this.sales);
      return;
    }
    const asked = take(this.#bench, this.#skus[(this.sales * 11) % this.#skus.length] ?? fromStore(""))
      .catch(() => {
        this.tillErrors += 1;
      })
      .finally(() => this.#tills.delete(asked));
    this.#tills.add(asked);
  }
}
