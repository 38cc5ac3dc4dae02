/** Whatever is sold, received, cancelled and asked for: one request is open at a time, and each ends once. */
import fc from "fast-check";
import { expect, it } from "vitest";
import type { CounterEvent } from "../../../src/domain/counter/counter-event.ts";
import type { Reorder } from "../../../src/domain/counter/reorder.ts";
import { fromStore } from "../../../src/domain/ids.ts";
import { asked, sale } from "../../support/counter/asked.ts";
import { BookingCounter } from "../../support/counter/booking-counter.ts";

const correlationId = fromStore<never>("c");
type Make = (n: number, counter: BookingCounter) => CounterEvent;
const units = fc.integer({ min: 1, max: 9 });
const step: fc.Arbitrary<Make> = fc.oneof(
  units.map((q) => (n: number) => sale(`s${n}`, q, { allowNegative: true })),
  units.map((q) => (n: number) => asked(`r${n}`, { kind: "receipt", delta: q })),
  fc.constant((_: number, { state }: BookingCounter): CounterEvent => {
    const reorderId = state.reorder.open?.id ?? "ro_none_0";
    return { kind: "reorder_cancel", reorderId, reason: "no", correlationId };
  }),
  units.map((quantity) => (n: number): CounterEvent => {
    return { kind: "reorder_ask", key: `k${n}`, quantity, locationId: null, leadDays: 1, reason: "r", correlationId };
  }),
);

it("keeps one request open at a time, tells its beginning and its end once, and its versions in order", () => {
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 40 }),
      fc.nat(10),
      fc.integer({ min: 1, max: 4 }),
      (steps, point, packSize) => {
        const counter = new BookingCounter({ "1": 12 });
        const when = { kind: "point", point, quantity: 7 } as const;
        const rule = { when, leadDays: 2, packSize, quantityMax: null, locationId: null };
        counter.apply({ kind: "reorder_rule", own: { rule }, correlationId });
        const told = new Map<string, Reorder[]>();
        const first = counter.state.reorder.open;
        if (first !== null) told.set(first.id, [first]);
        steps.forEach((make, n) => {
          for (const news of counter.batch([make(n, counter)]).news)
            if (news.kind === "reorder")
              told.set(news.reorder.id, [...(told.get(news.reorder.id) ?? []), news.reorder]);
        });
        const all = [...told.values()];
        expect(all.filter((versions) => versions.at(-1)?.state === "open").length).toBeLessThanOrEqual(1);
        for (const versions of all) {
          expect(versions.map(({ version }) => version)).toEqual(versions.map((_, i) => i + 1));
          expect(versions.filter(({ state }) => state !== "open").length).toBeLessThanOrEqual(1);
          for (const { trigger, quantity } of versions) if (trigger === "rule") expect(quantity % packSize).toBe(0);
          for (const { state, received, quantity } of versions) expect(state === "received").toBe(received >= quantity);
        }
      },
    ),
  );
});
