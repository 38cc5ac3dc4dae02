/** Our push, its echo, and a till's sale between: on the real counter, gate, port and adapter, in every order. */
import { describe, expect, it } from "vitest";
import { bookSettlement } from "../../../../src/domain/counter/book-settlement.ts";
import { fromStore, type ListingId, type LocationId } from "../../../../src/domain/ids.ts";
import { ITEM, PLACE, SquareWorld } from "../../../support/square/square-world.ts";

type Step = "ours" | "till" | "first_news" | "newest_news";
const STEPS: readonly Step[] = ["ours", "till", "first_news", "newest_news"];

function ordersOf<Item>(items: readonly Item[]): readonly (readonly Item[])[] {
  if (items.length <= 1) return [items];
  return items.flatMap((item, at) => ordersOf(items.filter((_, i) => i !== at)).map((rest) => [item, ...rest]));
}

async function play(order: readonly Step[], gapMs: number, fates: SquareWorld["fates"], isNewsLost: boolean) {
  const world = new SquareWorld(10);
  world.fates = [...fates];
  await world.advance(5_000);
  for (const step of order) {
    if (step === "ours") world.sell(3);
    if (step === "till") world.model.sell(ITEM, PLACE, 1);
    const news =
      step === "first_news"
        ? world.model.webhooks[0]
        : step === "newest_news"
          ? world.model.webhooks.at(-1)
          : undefined;
    if (news !== undefined && !isNewsLost) world.deliver(news);
    world.turn();
    await world.advance(gapMs);
  }
  // All of it once more, the newest first, as a courier may.
  if (!isNewsLost) for (const news of world.model.webhooks.toReversed()) world.deliver(news);
  // The daily look, which is the only news of what no webhook told.
  else world.apply({ kind: "audit", listingId: "till-main/6F4K33KPNUVDWKZ43KUIFH6K" as never });
  await world.rest();
  return world;
}

describe.each([
  ["answered", []],
  ["whose first request is lost", ["request_lost"]],
  ["whose first answer is lost", ["answer_lost"]],
] as const)("a push %s", (_, fates) => {
  it.each([0, 300, 1_100])("ends at one level everywhere, steps %i ms apart", async (gapMs) => {
    for (const order of ordersOf(STEPS)) {
      for (const isNewsLost of [false, true]) {
        const world = await play(order, gapMs, [...fates], isNewsLost);
        const told = `${order.join(" ")}${isNewsLost ? ", news lost" : ""}`;
        expect({ told, square: world.model.level(ITEM, PLACE), ours: world.available }).toEqual({
          ...{ told, square: 6, ours: 6 },
        });
        // Each call took effect once; what was pushed in all is what we sold.
        expect({ told, pushed: world.model.applied.reduce((sum, { delta }) => sum + delta, 0) }).toEqual({
          ...{ told, pushed: -3 },
        });
        // No loop: what came back of our own push asks for nothing.
        const calls = world.calls.length;
        await world.rest();
        expect({ told, more: world.calls.length - calls }).toEqual({ told, more: 0 });
      }
    }
  });
});

describe("what a till did by itself", () => {
  it("is a movement that names the till, not Shopify", () => {
    const reasonOf = (listing: string): string => {
      const settlement = {
        ...{ listingId: fromStore<ListingId>(listing), locationId: fromStore<LocationId>("1"), n: 3 },
        ...{ before: 10, after: 8, atMs: 1_000, evidence: "read" as const },
      };
      return bookSettlement(settlement, 7, new Map(), fromStore("c"), 2_000).movement.cause.reason;
    };
    expect(reasonOf(`till-main/${ITEM}`)).toBe("changed in till-main, found by reading");
    expect(reasonOf("a.myshopify.com/1")).toBe("changed in Shopify, found by reading");
  });
});

describe("Square as a gate's other side", () => {
  it("gets a level that mirrors ours by one adjustment, under the key of its call", async () => {
    const world = new SquareWorld(10);
    await world.advance(5_000);
    world.sell(4);
    world.turn();
    await world.advance(0);
    const [call] = world.calls;
    expect(call?.url).toBe("https://connect.squareup.com/v2/inventory/changes/batch-create");
    expect(JSON.parse(call?.body ?? "")).toEqual({
      idempotency_key: expect.stringMatching(/^call-/),
      changes: [
        {
          type: "ADJUSTMENT",
          adjustment: {
            ...{ reference_id: expect.stringMatching(/^call-/), catalog_object_id: ITEM, location_id: PLACE },
            ...{ from_state: "IN_STOCK", to_state: "SOLD", quantity: "4", occurred_at: "2027-01-15T08:00:03.000Z" },
          },
        },
      ],
    });
  });

  it("sends a call in doubt again byte for byte, and Square applies it once", async () => {
    const world = new SquareWorld(10);
    world.fates = ["answer_lost", "answer_lost"];
    await world.advance(5_000);
    world.sell(2);
    await world.rest();
    expect(new Set(world.calls.map(({ body }) => body)).size).toBe(1);
    expect(world.calls.length).toBeGreaterThan(1);
    expect(world.model.applied).toHaveLength(1);
    expect([world.model.level(ITEM, PLACE), world.available]).toEqual([8, 8]);
  });

  it("parks an item that Square no longer knows, and asks for nothing more", async () => {
    const world = new SquareWorld(10);
    await world.advance(5_000);
    world.model.items.delete(ITEM);
    world.sell(2);
    await world.rest();
    expect(world.model.applied).toEqual([]);
    expect(world.calls).toHaveLength(1);
  });

  it("withholds nothing, whatever the rules say: units pushed away would come back with the next count", async () => {
    const world = new SquareWorld(10);
    const stop = { kind: "channel_stop", channel: "till-main", isStopped: true, expected: null, correlationId: "c" };
    world.apply(stop as never);
    await world.rest();
    expect(world.calls).toEqual([]);
    expect(world.model.level(ITEM, PLACE)).toBe(10);
  });
});
