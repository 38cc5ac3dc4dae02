/** Whatever is read, and whenever: what an alert says makes sense to whoever hears it. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ALERTS, STEPS } from "../../../src/domain/alerts/alert-table.ts";
import type { AlertChange } from "../../../src/domain/alerts/evaluate.ts";
import { Watch } from "../../support/alerts/watch.ts";

/** Shares of the threshold, many of them at its steps' edges; null: it could not be read. */
const share = fc.oneof(
  { weight: 4, arbitrary: fc.double({ min: 0, max: 1.5, noNaN: true }) },
  { weight: 3, arbitrary: fc.constantFrom(0, 0.39, 0.4, 0.49, 0.5, 0.51, 0.69, 0.7, 0.89, 0.9, 0.99, 1, 1.01) },
  { weight: 1, arbitrary: fc.constant(null) },
);
const spec = fc.constantFrom(...ALERTS);
const rank = (change: AlertChange): number => STEPS.findIndex(({ severity }) => severity === change.severity);

describe("the changes of one alert", () => {
  it("fire, rise without repeating themselves, and recover once before they fire anew", () => {
    fc.assert(
      fc.property(spec, fc.array(share, { maxLength: 80 }), ({ name, threshold }, shares) => {
        const { changes } = new Watch().minutes(name, ...shares.map((each) => each && each * threshold));
        let open: AlertChange | null = null;
        for (const change of changes) {
          if (change.change === "fired") expect(open).toBeNull();
          else expect(open).not.toBeNull();
          if (change.change === "escalated") expect(rank(change)).toBeGreaterThan(open === null ? 9 : rank(open));
          if (change.change === "recovered") expect(change.severity).toBe(open?.severity);
          open = change.change === "recovered" ? null : change;
        }
        expect(new Set(changes.map(({ id }) => id)).size).toBe(changes.length);
      }),
    );
  });

  it("do not flap where a value trembles at a step's edge", () => {
    const trembling = fc.tuple(fc.constantFrom(...STEPS), fc.array(fc.double({ min: -0.09, max: 0.09, noNaN: true })));
    fc.assert(
      fc.property(spec, trembling, ({ name, threshold }, [step, tremors]) => {
        const { said } = new Watch().minutes(name, ...tremors.map((by) => (step.share + by) * threshold));
        expect(said.filter((each) => each.startsWith("fired")).length).toBeLessThanOrEqual(1);
        expect(said.filter((each) => each.startsWith("recovered"))).toEqual([]);
      }),
    );
  });

  it("end with a recovery, once nothing is wrong for long enough", () => {
    fc.assert(
      fc.property(spec, fc.array(share, { maxLength: 40 }), ({ name, threshold }, shares) => {
        const watch = new Watch().minutes(name, ...shares.map((each) => each && each * threshold));
        const { said } = watch.minutes(name, ...Array<number>(12).fill(0));
        expect(said.filter((each) => each.startsWith("fired")).length).toBe(
          said.filter((each) => each.startsWith("recovered")).length,
        );
        expect(watch.states.every(({ severity }) => severity === null)).toBe(true);
      }),
    );
  });

  it("are none while nothing can be read", () => {
    fc.assert(
      fc.property(spec, fc.array(share, { maxLength: 40 }), ({ name, threshold }, shares) => {
        const watch = new Watch().minutes(name, ...shares.map((each) => each && each * threshold));
        const before = watch.said.length;
        expect(watch.minutes(name, ...Array<null>(30).fill(null)).said.length).toBe(before);
      }),
    );
  });

  it("are the same with gaps of the unreadable put anywhere among the readings", () => {
    fc.assert(
      fc.property(spec, fc.array(fc.tuple(share, fc.nat(3)), { maxLength: 40 }), ({ name, threshold }, given) => {
        const readings = given.map(([each]) => (each === null ? 0 : each * threshold));
        const plain = new Watch().minutes(name, ...readings);
        const gapped = new Watch().minutes(
          name,
          ...given.flatMap(([, gaps], i) => [readings[i] ?? 0, ...Array<null>(gaps).fill(null)]),
        );
        expect(gapped.said).toEqual(plain.said);
      }),
    );
  });
});
