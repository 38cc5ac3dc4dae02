/** Our own pushes come back as snapshots. Whatever their order, nothing may follow from them. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Desk } from "../../unit/domain/replica/desk.ts";
import { RUNS } from "./history.ts";

/** What is on its way to us from a shop that applies each push at once: its answer, and its snapshot. */
type OnTheWay = { readonly deliver: () => void };

type Choice =
  | { readonly kind: "own"; readonly delta: number }
  | { readonly kind: "deliver"; readonly which: number; readonly again: boolean };

const choice: fc.Arbitrary<Choice> = fc.oneof(
  fc.integer({ min: -5, max: 5 }).map((delta): Choice => ({ kind: "own", delta })),
  fc.tuple(fc.nat(), fc.boolean()).map(([which, again]): Choice => ({ kind: "deliver", which, again })),
);

describe("echoes", () => {
  it("move nothing and are never pushed back, in any order, repeated, before or after the answers", () => {
    fc.assert(
      fc.property(fc.array(choice, { maxLength: 40 }), fc.integer({ min: 1, max: 3 }), (choices, shops) => {
        const names = Array.from({ length: shops }, (_, k) => `S${k + 1}`);
        const desk = new Desk(Object.fromEntries(names.map((name) => [name, { L1: 20 }])));
        const levels = new Map(names.map((name) => [name, 20]));
        const onTheWay: OnTheWay[] = [];
        let total = 20;
        let moves = 0;
        let pushes = 0;
        let second = 0;
        const start = (): void => {
          for (const name of names) {
            const push = desk.push(name);
            if (push === null) continue;
            pushes++;
            const atS = ++second;
            const level = (levels.get(name) ?? 0) + (Object.values(push.rows)[0] ?? 0);
            levels.set(name, level);
            onTheWay.push({ deliver: () => desk.applied(name, push.key, atS) });
            onTheWay.push({ deliver: () => desk.snapshot(name, level, atS + 0.5) });
          }
        };
        const deliver = (index: number, again: boolean): void => {
          const [next] = again ? onTheWay.slice(index, index + 1) : onTheWay.splice(index, 1);
          next?.deliver();
          start();
        };
        for (const next of choices) {
          if (next.kind === "own") {
            if (next.delta !== 0) moves++;
            total += next.delta;
            desk.own(next.delta);
            start();
          } else if (onTheWay.length > 0) {
            deliver(next.which % onTheWay.length, next.again);
          }
          expect(desk.truth).toEqual({ L1: total });
        }
        while (onTheWay.length > 0) deliver(0, false);
        expect(desk.truth).toEqual({ L1: total });
        expect(desk.settlements).toEqual([]);
        expect([...levels.values()]).toEqual(names.map(() => total));
        expect(pushes).toBeLessThanOrEqual(moves * shops);
      }),
      RUNS,
    );
  });
});
