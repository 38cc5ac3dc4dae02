/**
 * The virtual clock of the whole: what is planned runs in order, and after each step all promises come to rest before
 * time goes on. The runtime's own timers and its digest are replaced while a seed is played: both would bring in real time.
 */
import { createHash } from "node:crypto";
import { Timeline } from "../replica/timeline.ts";
import { check } from "../replica/violation.ts";

/** A seed takes some ten thousand. */
const STEPS_MAX = 200_000;

/** Kept before anybody could replace it. */
const { setImmediate: soon } = globalThis;

/** A new turn of the event loop comes after all microtasks. */
const promisesRest = (): Promise<void> => new Promise((resolve) => void soon(resolve));

export class Clock {
  readonly #timeline = new Timeline();
  #isIdle = false;
  steps = 0;

  /** Since the seed began. */
  get nowMs(): number {
    return this.#timeline.nowMs;
  }

  in(delayMs: number, run: () => void): void {
    this.#timeline.in(Math.ceil(delayMs), run);
  }

  at(atMs: number, run: () => void): void {
    this.#timeline.at(Math.ceil(atMs), run);
  }

  /** Plays what falls due until then. `after` runs after every step. */
  async playUntil(untilMs: number, after: () => void): Promise<void> {
    await promisesRest();
    while (this.#timeline.nextMs <= untilMs) {
      this.#isIdle = false;
      this.#timeline.step();
      if (this.#isIdle) continue;
      this.steps += 1;
      check(this.steps < STEPS_MAX, "rest", () => `${STEPS_MAX} steps, and it does not come to rest`);
      await promisesRest();
      after();
    }
    this.#timeline.at(untilMs, () => {});
    while (this.#timeline.nextMs <= untilMs) this.#timeline.step();
  }

  /** Runs `play` with the runtime's timers on this clock. */
  async reign<Value>(play: () => Promise<Value>): Promise<Value> {
    const { setTimeout, clearTimeout } = globalThis;
    const { subtle } = crypto;
    const timers = new Set<number>();
    let newest = 0;
    const set = (run: () => void, delayMs = 0): number => {
      const id = ++newest;
      timers.add(id);
      // As every runtime does: a timer takes a millisecond at least.
      this.in(Math.max(1, delayMs), () => {
        if (timers.delete(id)) run();
        else this.#isIdle = true; // called off: nothing happens
      });
      return id;
    };
    Object.assign(globalThis, { setTimeout: set, clearTimeout: (id: number) => timers.delete(id) });
    Object.defineProperty(subtle, "digest", { value: digestAtOnce, configurable: true });
    try {
      return await play();
    } finally {
      Object.assign(globalThis, { setTimeout, clearTimeout });
      Reflect.deleteProperty(subtle, "digest"); // the prototype's is in force again
    }
  }
}

const digestAtOnce = async (_algorithm: string, data: Uint8Array): Promise<ArrayBuffer> =>
  new Uint8Array(createHash("sha256").update(data).digest()).buffer;
