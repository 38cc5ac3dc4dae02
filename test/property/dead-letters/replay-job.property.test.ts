import fc from "fast-check";
import { expect, it } from "vitest";
import { nextStep } from "../../../src/domain/dead-letters/replay-job.ts";

type Event = { readonly kind: "drive" | "heard" | "died"; readonly n: number };
const events = fc.array(
  fc.record<Event>({ kind: fc.constantFrom("drive", "heard", "died"), n: fc.integer({ min: 1, max: 40 }) }),
  { maxLength: 200 },
);
const pace = fc
  .tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 0, max: 200 }))
  .map(([pageMax, more]) => ({ pageMax, inFlightMax: pageMax + more }));

it("a job keeps its pace and comes to its end, whatever is heard when", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 500 }), fc.nat(100), pace, events, (total, others, limits, history) => {
      let [waiting, sent, ended, foreign] = [total, 0, 0, Math.min(others, limits.inFlightMax)];
      let isOver = false;
      const drive = (): void => {
        const step = nextStep({ action: "replay", waiting, sent, inFlight: sent + foreign }, limits);
        if (step.kind === "finish") isOver = true;
        if (step.kind !== "send") return;
        expect(step.letters).toBeGreaterThan(0);
        expect(step.letters).toBeLessThanOrEqual(Math.min(waiting, limits.pageMax));
        waiting -= step.letters;
        sent += step.letters;
        expect(sent + foreign).toBeLessThanOrEqual(limits.inFlightMax);
      };
      const hear = (n: number): void => {
        const heard = Math.min(n, sent);
        sent -= heard;
        ended += heard;
      };
      for (const { kind, n } of history) kind === "drive" ? drive() : hear(n);
      foreign = 0;
      // As soon as everything is heard of again, it goes on to its end.
      for (let turn = 0; turn < 2 * total + 5 && !isOver; turn += 1) {
        drive();
        if (turn % 2 === 1) hear(Number.POSITIVE_INFINITY);
      }
      expect({ isOver, waiting, sent, ended }).toEqual({ isOver: true, waiting: 0, sent: 0, ended: total });
    }),
  );
});

it("a discarding job is never held up by what is in flight", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10_000 }), fc.nat(5_000), pace, (waiting, inFlight, limits) => {
      const step = nextStep({ action: "discard", waiting, sent: 0, inFlight }, limits);
      expect(step).toEqual({ kind: "discard", letters: Math.min(waiting, limits.pageMax) });
    }),
  );
});
