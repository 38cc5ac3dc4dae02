/**
 * Tells a breaker's changes to the notifications queue, at least once: they are stored with the breaker, sent after that,
 * and removed when the queue has them. A queue that refuses is tried again, by whoever owns the breaker, at the time that
 * `kick` answers.
 */
import { backoffSeconds } from "../domain/backoff.ts";
import type { BreakerChange, BreakerNews } from "../domain/breaker/news.ts";
import { type Log, reasonOf } from "../observability/log.ts";

export interface BreakerOutboxDeps {
  readonly destination: string;
  /** What is stored and not told yet. */
  waiting(): BreakerNews;
  /** These are told: remove them, durably. */
  told(news: BreakerNews): void;
  /** Rejects unless the queue has them. */
  send(changes: readonly BreakerChange[]): Promise<void>;
  /** Called when a try is over: look again at what is to be done. */
  afterwards(): void;
  readonly log: Log;
  now(): number;
  random(): number;
}

/** 1, 2, 4 … 60 s: a queue is away for seconds, rarely for minutes. */
const BACKOFF = { delaySeconds: 1, delaySecondsMax: 60 } as const;

export class BreakerOutbox {
  readonly #deps: BreakerOutboxDeps;
  #isSending = false;
  #failures = 0;
  #nextTryMs = 0;

  constructor(deps: BreakerOutboxDeps) {
    this.#deps = deps;
  }

  get isBusy(): boolean {
    return this.#isSending;
  }

  /** Send what waits. @returns when to call again; null: nothing waits, or `afterwards` will be called */
  kick(nowMs: number): number | null {
    const news = this.#deps.waiting();
    if (news.length === 0 || this.#isSending) return null;
    if (nowMs < this.#nextTryMs) return this.#nextTryMs;
    this.#isSending = true;
    void this.#send(news);
    return null;
  }

  async #send(news: BreakerNews): Promise<void> {
    const { destination, send, told, log, now, random, afterwards } = this.#deps;
    try {
      await send(news);
      this.#failures = 0;
      told(news);
    } catch (error) {
      this.#failures += 1;
      this.#nextTryMs = now() + backoffSeconds(this.#failures, BACKOFF, random) * 1_000;
      log("warn", "breaker.not_announced", { code: destination, reason: reasonOf(error), attempts: this.#failures });
    }
    this.#isSending = false;
    afterwards();
  }
}
