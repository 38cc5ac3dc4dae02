/** Random histories against a model that keeps every call and counts them anew each time. */
import fc from "fast-check";
import { expect, it } from "vitest";
import {
  afterFailure,
  afterSuccess,
  type Breaker,
  closedBreaker,
  isolated,
  probing,
  released,
  revivedBreaker,
  stateOf,
} from "../../../src/domain/breaker/breaker.ts";
import { SLICES } from "../../../src/domain/breaker/call-window.ts";
import { SHOPIFY_BREAKER as POLICY } from "../../../src/domain/breaker/policies.ts";

const START_MS = 1_800_000_000_000;

const waitMs = fc.oneof(fc.nat(200), fc.nat(5_000), fc.nat(40_000));
const steps = fc.array(
  fc.oneof(
    {
      weight: 20,
      arbitrary: fc.record({ do: fc.constant("call" as const), isFailure: fc.boolean(), waitMs, takesMs: fc.nat(50) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constantFrom("isolate" as const, "release" as const, "restart" as const), waitMs }),
    },
  ),
  { maxLength: 150 },
);

/** The slow and plain account of the same rules. */
class Model {
  state: "closed" | "open" | "half_open" | "isolated" = "closed";
  #calls: { atMs: number; isFailure: boolean }[] = [];
  #inRow = 0;
  #openings = 0;
  #succeeded = 0;
  #untilMs = 0;

  passes(nowMs: number): boolean {
    if (this.state === "open" && nowMs >= this.#untilMs) this.#probe(this.#openings);
    return this.state === "closed" || this.state === "half_open";
  }

  end(isFailure: boolean, nowMs: number): void {
    if (this.state === "half_open") {
      if (isFailure) this.#open(this.#openings + 1, nowMs);
      else if (++this.#succeeded === 2) this.#close();
      return;
    }
    this.#calls.push({ atMs: nowMs, isFailure });
    this.#inRow = isFailure ? this.#inRow + 1 : 0;
    const sliceMs = POLICY.windowMs / SLICES;
    const recent = this.#calls.filter(({ atMs }) => Math.floor(atMs / sliceMs) * sliceMs > nowMs - POLICY.windowMs);
    const failures = recent.filter((call) => call.isFailure).length;
    const isOften = recent.length >= 20 && failures * 2 >= recent.length;
    if (isFailure && (isOften || this.#inRow >= 3)) this.#open(1, nowMs);
  }

  isolate(): void {
    this.state = "isolated";
  }

  release(): void {
    if (this.state === "isolated") this.#probe(0);
  }

  #open(openings: number, nowMs: number): void {
    this.state = "open";
    this.#openings = openings;
    this.#untilMs = nowMs + Math.min(30, 2 ** (openings - 1)) * 1_000;
  }

  #probe(openings: number): void {
    this.state = "half_open";
    this.#openings = openings;
    this.#succeeded = 0;
  }

  #close(): void {
    this.state = "closed";
    this.#calls = [];
    this.#inRow = 0;
  }
}

it("opens, probes, closes and stays isolated exactly as the model does, through every restart", () => {
  fc.assert(
    fc.property(steps, (history) => {
      const model = new Model();
      let breaker: Breaker = closedBreaker;
      let nowMs = START_MS;
      for (const step of history) {
        nowMs += step.waitMs;
        if (step.do === "call") {
          const state = stateOf(breaker, nowMs);
          const passes = state === "closed" || state === "half_open";
          expect(passes).toBe(model.passes(nowMs));
          if (!passes) continue;
          const startedMs = nowMs;
          breaker = probing(breaker, nowMs);
          nowMs += step.takesMs;
          breaker = step.isFailure
            ? afterFailure(breaker, { startedMs, reason: "x", retryAfterSeconds: null }, POLICY, nowMs, () => 0)
            : afterSuccess(breaker, startedMs, POLICY, nowMs);
          model.end(step.isFailure, nowMs);
        } else if (step.do === "isolate") {
          breaker = isolated(breaker, "admin", "test", nowMs);
          model.isolate();
        } else if (step.do === "release") {
          breaker = released(breaker, nowMs);
          model.release();
        } else breaker = revivedBreaker(JSON.parse(JSON.stringify(breaker)), nowMs);
        expect(breaker.kind).toBe(model.state);
      }
    }),
    { numRuns: 500 },
  );
});

it("lets a destination that is well again through within half a minute of its recovery, however long it was away", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4 * 3_600_000 }), fc.nat(999), (awayMs, jitter) => {
      const random = (): number => jitter / 1_000;
      let breaker: Breaker = closedBreaker;
      let nowMs = START_MS;
      const wellMs = START_MS + awayMs;
      while (nowMs < wellMs + 60_000 && !(nowMs >= wellMs && breaker.kind === "closed")) {
        if (breaker.kind === "open") nowMs = Math.max(nowMs, breaker.untilMs);
        const startedMs = nowMs;
        breaker = probing(breaker, nowMs);
        nowMs += 100;
        breaker =
          startedMs < wellMs
            ? afterFailure(breaker, { startedMs, reason: "x", retryAfterSeconds: null }, POLICY, nowMs, random)
            : afterSuccess(breaker, startedMs, POLICY, nowMs);
      }
      expect(breaker.kind).toBe("closed");
      expect(nowMs - wellMs).toBeLessThanOrEqual(31_000);
    }),
  );
});
