/**
 * Arbitrary histories of two listings at two locations: any event in any order, sensible or not. Unlike the simulator
 * they know no truth; what holds for them holds whatever Shopify, the gate and the network may say.
 */
import fc from "fast-check";
import type { MergeEvent } from "../../../src/domain/replica/events.ts";
import { Desk, hintOf, placeId, snapshotOf } from "../../unit/domain/replica/desk.ts";

/** More by hand: FC_RUNS=20000 npx vitest run --project node test/property/replica */
const { FC_RUNS = "300" } = process.env;
export const RUNS = { numRuns: Number(FC_RUNS) };

export const SHOPS = ["S1", "S2"] as const;
export const PLACES = ["L1", "L2"] as const;

export type Step =
  | { readonly kind: "event"; readonly event: MergeEvent }
  | { readonly kind: "wait"; readonly ms: number }
  | { readonly kind: "push"; readonly shop: string }
  | { readonly kind: "applied"; readonly shop: string; readonly atS: number | null; readonly after: number | null }
  | { readonly kind: "failed"; readonly shop: string; readonly park: boolean }
  | { readonly kind: "read"; readonly shop: string }
  | {
      readonly kind: "answered";
      readonly shop: string;
      readonly levels: readonly (readonly [number, number] | null)[];
    };

const shop = fc.constantFrom(...SHOPS);
const place = fc.constantFrom(...PLACES);
const available = fc.integer({ min: -3, max: 12 });
/** Few seconds, so that stamps tie and run backwards. */
const atS = fc.integer({ min: 0, max: 12 });

export const snapshotEvent = fc.tuple(shop, available, atS, place).map((args) => snapshotOf(...args));
export const hintEvent = fc
  .tuple(shop, fc.integer({ min: 1, max: 9 }), fc.integer({ min: -4, max: 4 }), atS, fc.option(place))
  .map(([name, id, quantity, at, where]) => hintOf(name, `h${id}`, quantity, at, where === null ? {} : { at: where }));
export const ownEvent = fc
  .tuple(place, fc.integer({ min: -4, max: 4 }))
  .map(([where, delta]): MergeEvent => ({ kind: "own", locationId: placeId(where), delta }));

export const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: snapshotEvent.map((event): Step => ({ kind: "event", event })) },
  { weight: 3, arbitrary: hintEvent.map((event): Step => ({ kind: "event", event })) },
  { weight: 2, arbitrary: ownEvent.map((event): Step => ({ kind: "event", event })) },
  { weight: 2, arbitrary: fc.constantFrom(1, 500, 2_000, 5_000, 30_000).map((ms): Step => ({ kind: "wait", ms })) },
  { weight: 4, arbitrary: shop.map((name): Step => ({ kind: "push", shop: name })) },
  {
    weight: 4,
    arbitrary: fc
      .tuple(shop, fc.option(atS, { freq: 5 }), fc.option(available))
      .map(([name, at, after]): Step => ({ kind: "applied", shop: name, atS: at, after })),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(shop, fc.boolean()).map(([name, park]): Step => ({ kind: "failed", shop: name, park })),
  },
  { weight: 2, arbitrary: shop.map((name): Step => ({ kind: "read", shop: name })) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(shop, fc.array(fc.option(fc.tuple(available, atS), { freq: 8 }), { minLength: 2, maxLength: 2 }))
      .map(([name, levels]): Step => ({ kind: "answered", shop: name, levels })),
  },
);

export const history = fc.array(step, { maxLength: 40 });

export const newDesk = (): Desk => new Desk({ S1: { L1: 10, L2: 5 }, S2: { L1: 8, L2: 5 } });

/** Plays one step. What does not apply (no push open, no read in flight) does nothing, or names a stranger's key. */
export function playStep(desk: Desk, next: Step): void {
  switch (next.kind) {
    case "event":
      desk.apply(next.event);
      break;
    case "wait":
      desk.wait(next.ms);
      break;
    case "push":
      desk.push(next.shop);
      break;
    case "applied": {
      const [key = "stranger"] = Object.keys(desk.open(next.shop));
      if (next.after === null) desk.applied(next.shop, key, next.atS);
      else desk.applied(next.shop, key, next.atS, { L1: next.after });
      break;
    }
    case "failed": {
      const [key = "stranger"] = Object.keys(desk.open(next.shop));
      desk.failed(next.shop, key, next.park ? ["L1"] : []);
      break;
    }
    case "read":
      desk.read(next.shop);
      break;
    case "answered": {
      const levels = PLACES.map((where, k) => [where, next.levels[k] ?? null] as const);
      const told = levels.filter(
        (entry): entry is readonly [(typeof entry)[0], readonly [number, number]] => !!entry[1],
      );
      desk.answered(next.shop, desk.listing(next.shop).read?.key ?? "stranger", Object.fromEntries(told));
      break;
    }
  }
}
