/** Random histories: whatever the network, Shopify, the counters and the object's lives do, no unit is sent twice or lost. */
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { push, pushKey, row, skuId } from "../../support/shop-gate/builders.ts";
import { GateWorld } from "../../support/shop-gate/gate-world.ts";
import type { Fault } from "../../support/shop-gate/model-shopify.ts";

const FAULTS: readonly Fault[] = [
  "ok",
  "request_lost",
  "request_late",
  "reply_lost",
  "reply_timeout",
  "http_500_unapplied",
  "http_503_applied",
  "internal_error_applied",
  "service_unavailable",
  "concurrent",
  "throttled",
  "http_429",
  "http_401",
  "http_402",
  "failed_whole",
  "refused",
  "no_created_at",
  "unknown_user_error",
];

type Command =
  | { readonly kind: "submit"; readonly deltas: readonly number[]; readonly isBad: boolean }
  | { readonly kind: "submit_again"; readonly which: number }
  | { readonly kind: "faults"; readonly faults: readonly Fault[] }
  | { readonly kind: "report_faults"; readonly count: number }
  | { readonly kind: "advance"; readonly ms: number }
  | { readonly kind: "crash_in"; readonly steps: number }
  | { readonly kind: "late" };

const command = fc.oneof<fc.Arbitrary<Command>[]>(
  fc.record({
    kind: fc.constant("submit" as const),
    deltas: fc.array(
      fc.integer({ min: -50, max: 50 }).map((delta) => delta || 1),
      { minLength: 1, maxLength: 3 },
    ),
    isBad: fc.integer({ min: 0, max: 9 }).map((one) => one === 0),
  }),
  fc.record({ kind: fc.constant("submit_again" as const), which: fc.nat(20) }),
  fc.record({ kind: fc.constant("faults" as const), faults: fc.array(fc.constantFrom(...FAULTS), { maxLength: 4 }) }),
  fc.record({ kind: fc.constant("report_faults" as const), count: fc.nat(3) }),
  fc.record({ kind: fc.constant("advance" as const), ms: fc.constantFrom(0, 10, 130, 1_000, 5_000, 40_000) }),
  fc.record({ kind: fc.constant("crash_in" as const), steps: fc.integer({ min: 1, max: 25 }) }),
  fc.constant({ kind: "late" as const }),
);

type Sent = { readonly name: string; readonly deltas: readonly number[]; readonly isBad: boolean };

/** Every third push moves units between available and safety_stock. */
const isMove = (name: string): boolean => Number(name) % 3 === 2;

const pushOf = ({ name, deltas }: Sent) =>
  push(
    name,
    deltas.map((delta, index) => row(delta, name, String(index))),
    isMove(name) ? "move" : "adjust",
  );

async function play(commands: readonly Command[], seed: number): Promise<{ world: GateWorld; sent: readonly Sent[] }> {
  const world = new GateWorld();
  const sent: Sent[] = [];
  let state = seed;
  world.random = () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
  for (const each of commands) {
    switch (each.kind) {
      case "submit": {
        const news = { name: String(1_000 + sent.length), deltas: each.deltas, isBad: each.isBad };
        sent.push(news);
        if (each.isBad) world.shopify.badRows.set(`${news.name}@${each.deltas.length - 1}`, "INVALID_LOCATION");
        world.submit({ pushes: [pushOf(news)] });
        break;
      }
      case "submit_again": {
        const known = sent[each.which % Math.max(1, sent.length)];
        if (known !== undefined) world.submit({ pushes: [pushOf(known)] });
        break;
      }
      case "faults":
        world.shopify.faults.push(...each.faults);
        break;
      case "report_faults":
        for (let n = 0; n < each.count; n += 1) world.reportFaults.push(n % 2 === 0 ? "unreachable" : "ack_lost");
        break;
      case "advance":
        await world.advance(each.ms);
        break;
      case "crash_in":
        world.killAfter = world.steps.length + each.steps;
        break;
      case "late":
        world.shopify.arriveLate();
        break;
    }
  }
  // Trouble is over. Counters hand out again what is open.
  world.killAfter = null;
  world.shopify.faults = [];
  world.reportFaults = [];
  await world.advance(16_000);
  world.shopify.arriveLate();
  world.submit({ pushes: sent.map(pushOf) });
  await world.advance(60 * 60_000);
  return { world, sent };
}

it("applies each push exactly once, or not at all and says so, over random histories", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(command, { minLength: 1, maxLength: 25 }), fc.nat(), async (commands, seed) => {
      const { world, sent } = await play(commands, seed);
      for (const { name, deltas, isBad } of sent) {
        const counter = world.counter(skuId(name));
        expect(counter.pushes.get(pushKey(name))?.kind).toBe(isBad ? "failed" : "applied");
        expect(counter.contradictions).toEqual([]);
        const levels = deltas.map((_, index) => world.shopify.level(name, String(index)));
        expect(levels).toEqual(isBad ? deltas.map(() => 0) : deltas);
        const aside = deltas.map((_, index) => world.shopify.safetyStock.get(`${name}@${index}`) ?? 0);
        expect(aside).toEqual(deltas.map((delta) => (isMove(name) && !isBad ? -delta : 0)));
      }
      expect(world.journal.counts()).toEqual({ queued: 0, sending: 0, frozen: 0, expired: 0, unreported: 0 });
    }),
    { numRuns: 1_000, seed: 20_261_122 },
  );
});
