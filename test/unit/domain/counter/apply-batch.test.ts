/** What the books make of what the merge finds: movements, what explains them, and Shopify's committed units. */
import { describe, expect, it } from "vitest";
import type { HintId } from "../../../../src/domain/ids.ts";
import { EMPTY_LISTING } from "../../../../src/domain/replica/connect.ts";
import { nextTickMs } from "../../../../src/domain/replica/next-tick.ts";
import { wants } from "../../../../src/domain/replica/start.ts";
import type { Hint } from "../../../../src/domain/replica/state.ts";
import { MERGE_WINDOWS } from "../../../../src/domain/replica/windows.ts";
import { answerOf, CounterDesk, LISTING, level, news, take } from "./counter-desk.ts";

describe("committed", () => {
  it("rises with an order at once, and stays when the level shows it", () => {
    const desk = new CounterDesk(10);
    desk.apply(news("order/1", -3, 5));
    expect(desk.shown).toEqual({ available: 7, committed: 3, onHand: 10 });
    desk.apply(level(7, 5));
    expect(desk.shown).toEqual({ available: 7, committed: 3, onHand: 10 });
  });

  it("does not move for what is shipped at once: a sale at Shopify's own till, a return", () => {
    const desk = new CounterDesk(10, 2);
    desk.apply(news("order/1", -3, 5, { commits: false }));
    expect(desk.shown).toEqual({ available: 7, committed: 2, onHand: 9 });
    desk.apply(level(7, 5));
    expect(desk.shown).toEqual({ available: 7, committed: 2, onHand: 9 });
    desk.apply(news("restock/1", 3, 20, { commits: false }), level(10, 20));
    expect(desk.shown).toEqual({ available: 10, committed: 2, onHand: 12 });
  });

  it("falls when an unshipped line is cancelled, and not before the level shows it", () => {
    const desk = new CounterDesk(10);
    desk.apply(news("order/1", -3, 5), level(7, 5));
    desk.apply(news("restock/1", 3, 20));
    expect(desk.shown).toEqual({ available: 7, committed: 3, onHand: 10 });
    desk.apply(level(10, 20));
    expect(desk.shown).toEqual({ available: 10, committed: 0, onHand: 10 });
  });

  it("is what a read measures: a shipment tells nobody else", () => {
    const desk = new CounterDesk(10);
    desk.apply(news("order/1", -3, 5), level(7, 5));
    desk.read(7, 0, 5);
    expect(desk.shown).toEqual({ available: 7, committed: 0, onHand: 7 });
  });

  it("stays as it is where a read tells none, or answers late, when it was given up", () => {
    const desk = new CounterDesk(10, 4);
    desk.read(10, null, 0);
    expect(desk.shown.committed).toBe(4);
    desk.nowMs += 3_000;
    const late = desk.startRead();
    desk.wait(30_000);
    desk.answer(late, 10, 9, 0);
    expect(desk.shown.committed).toBe(4);
  });

  it("raises the version when it alone changes", () => {
    const desk = new CounterDesk(10, 4);
    const { version } = desk.state;
    desk.read(10, 4, 0);
    expect(desk.state.version).toBe(version);
    desk.nowMs += 3_000;
    desk.read(10, 1, 0);
    expect([desk.shown.committed, desk.state.version]).toEqual([1, version + 1]);
  });

  it("counts an order that only a level in doubt shows: what is on hand stands still", () => {
    const desk = new CounterDesk(10);
    desk.apply(news("order/1", -1, 5), level(9, 5));
    desk.apply(news("order/2", -1, 5));
    expect(desk.shown).toEqual({ available: 8, committed: 2, onHand: 10 });
    desk.apply(level(8, 5)); // of the same second: newer or older?
    expect(desk.shown).toEqual({ available: 8, committed: 2, onHand: 10 });
    desk.apply(level(8, 9));
    expect(desk.shown).toEqual({ available: 8, committed: 2, onHand: 10 });
    expect(desk.explained).toEqual([
      [-1, "order/1 -1"],
      [-1, "order/2 -1"],
    ]);
  });
});

describe("order webhooks that come late", () => {
  const SECONDS = Array.from({ length: 60 }, (_, i) => i + 1);
  /** An order a second for a minute; its level at once, its webhook six seconds later, and as often as `copies`. */
  const play = (copies: number): CounterDesk => {
    const desk = new CounterDesk(100);
    for (const atS of [...SECONDS, 61, 62, 63, 64, 65, 66]) {
      if (atS <= 60) desk.apply(level(100 - atS, atS));
      for (let copy = 0; copy < copies && atS > 6; copy += 1) desk.apply(news(`order/${atS - 6}`, -1, atS - 6));
      desk.wait(1_000);
    }
    return desk;
  };

  it.each([1, 2, 3])(
    "still explain the levels that showed them, once, though newer levels cover them (%i copies)",
    (copies) => {
      const desk = play(copies);
      expect(desk.shown).toEqual({ available: 40, committed: 60, onHand: 100 });
      expect(desk.explained.map(([delta, ...parts]) => [delta, parts.length])).toEqual(SECONDS.map(() => [-1, 1]));
      expect(new Set(desk.attributions.map(({ hintId }) => hintId)).size).toBe(60);
    },
  );

  it("explain no more than they tell, though they come twice in one batch and levels enough wait for a cause", () => {
    const desk = new CounterDesk(100);
    for (const atS of [1, 2, 3, 20]) desk.apply(level(100 - atS, atS));
    desk.apply(news("order/1", -1, 2), news("order/1", -1, 2));
    desk.apply(news("order/1", -1, 2));
    expect([desk.shown.committed, desk.attributions.length]).toEqual([1, 1]);
  });
});

describe("a read that is overtaken", () => {
  it("leaves committed to what came after it, and is asked for again in a minute", () => {
    const desk = new CounterDesk(10);
    desk.apply(news("order/1", -2, 5), level(8, 5));
    const read = desk.startRead(); // Shopify answers with 8 and 2 …
    desk.apply(news("order/2", -3, 9), level(5, 9));
    desk.apply(level(6, 20)); // found by the way; it covers the orders, which ask for no read by themselves
    desk.answer(read, 8, 2, 5); // … and the answer comes after the next order
    expect(desk.shown).toEqual({ available: 6, committed: 5, onHand: 11 });
    desk.wait(59_000);
    expect(desk.isReadWanted).toBe(false);
    desk.wait(1_000);
    expect(desk.isReadWanted).toBe(true);
    desk.read(6, 1, 20);
    expect(desk.shown).toEqual({ available: 6, committed: 1, onHand: 7 });
    desk.wait(120_000);
    expect(desk.isReadWanted).toBe(false);
  });

  it("tells committed where the news during it was its own, or none", () => {
    const desk = new CounterDesk(10);
    const read = desk.startRead();
    desk.apply(level(8, 5));
    desk.answer(read, 8, 2, 5);
    expect(desk.shown).toEqual({ available: 8, committed: 2, onHand: 10 });
  });
});

describe("an order, its level, its cancellation, the level again, its refund", () => {
  // As Shopify tells it: the cancellation asserts the sale again, and carries the restock that the refund tells, too.
  const MESSAGES = {
    order: [news("order/1", -3, 5)],
    sold: [level(7, 5)],
    cancelled: [news("order/1", -3, 5), news("restock/1", 3, 20)],
    restocked: [level(10, 20)],
    refund: [news("restock/1", 3, 20)],
  } as const;
  type Name = keyof typeof MESSAGES;
  const names = Object.keys(MESSAGES) as Name[];
  const orders = (rest: readonly Name[]): Name[][] =>
    rest.length === 0
      ? [[]]
      : rest.flatMap((name) => orders(rest.filter((other) => other !== name)).map((tail) => [name, ...tail]));

  it.each([
    ["once", (order: readonly Name[]) => order],
    ["each twice", (order: readonly Name[]) => order.flatMap((name) => [name, name])],
    ["all again afterwards", (order: readonly Name[]) => [...order, ...order]],
  ])("end with nothing committed and all on hand, in whatever order they come, %s", (_, copies) => {
    for (const order of orders(names)) {
      const desk = new CounterDesk(10);
      for (const name of copies(order)) desk.apply(...MESSAGES[name]);
      expect([order.join(", "), desk.shown]).toEqual([order.join(", "), { available: 10, committed: 0, onHand: 10 }]);
    }
  });

  it("the same within one batch", () => {
    for (const order of orders(names)) {
      const desk = new CounterDesk(10);
      desk.apply(...order.flatMap((name) => MESSAGES[name]));
      expect([order.join(", "), desk.shown]).toEqual([order.join(", "), { available: 10, committed: 0, onHand: 10 }]);
    }
  });

  it("shipped before the refund: what comes back is on hand, and was committed no more", () => {
    const desk = new CounterDesk(10);
    desk.apply(...MESSAGES.order, ...MESSAGES.sold);
    desk.read(7, 0, 5); // shipped
    desk.apply(news("restock/2", 3, 20, { commits: false }), level(10, 20));
    expect(desk.shown).toEqual({ available: 10, committed: 0, onHand: 10 });
  });

  it("a restock whose order was lost shows nothing below zero, and a read in a minute tells", () => {
    const desk = new CounterDesk(10);
    desk.apply(level(7, 5));
    desk.apply(news("restock/1", 3, 20), level(10, 20));
    desk.apply(level(9, 40), level(10, 41)); // newer levels cover it: it asks for no read by itself
    expect(desk.shown).toEqual({ available: 10, committed: 0, onHand: 10 });
    desk.wait(60_000);
    expect(desk.isReadWanted).toBe(true);
    desk.read(10, 0, 41);
    desk.apply(news("order/2", -1, 90), level(9, 90));
    expect(desk.shown).toEqual({ available: 9, committed: 1, onHand: 10 });
  });
});

describe("movements", () => {
  it("of ours and of Shopify's form one chain per location, whatever a batch mixes", () => {
    const desk = new CounterDesk(10);
    const outcomes = desk.apply(take("t1", 2), level(9, 5), take("t2", 1), take("t1", 2));
    expect(outcomes.map(({ kind }) => kind)).toEqual(["applied", "noted", "applied", "duplicate"]);
    expect(desk.booked.map(({ movement: { seq, before, after } }) => [seq, before, after])).toEqual([
      [1, 0, 10],
      [2, 10, 9],
      [3, 9, 7],
      [4, 7, 6],
    ]);
  });

  it("refuse a take of what only a doubt leaves", () => {
    const desk = new CounterDesk(2);
    desk.apply(level(1, 5), level(0, 5));
    expect(desk.apply(take("t1", 1))[0]).toMatchObject({ kind: "insufficient", shortage: { wanted: 1, floor: 0 } });
  });

  it("leave the state alone where nothing is news", () => {
    const desk = new CounterDesk(10);
    desk.apply(level(9, 5));
    const { state } = desk;
    desk.apply(level(9, 5), answerOf("stranger" as never, 3, 3, 9), {
      kind: "audit",
      listingId: "b.myshopify.com/2" as typeof LISTING,
    });
    expect(desk.state).toEqual(state);
  });
});

describe("an order older than 400 days", () => {
  const DAY_S = 86_400;
  it("is never asserted again, whatever tells of it; one of 399 days is", () => {
    const desk = new CounterDesk(10);
    desk.nowMs = 1_000_000_000 + 400 * DAY_S * 1_000; // as if Shopify's clock were ours: second 0 is 400 days ago
    expect(desk.apply(news("order/old", -3, -1))).toEqual([{ kind: "known" }]);
    expect(desk.shown).toEqual({ available: 10, committed: 0, onHand: 10 });
    expect(desk.apply(news("order/new", -3, DAY_S))).toEqual([{ kind: "noted" }]);
    expect(desk.shown).toEqual({ available: 7, committed: 3, onHand: 10 });
  });
});

describe("what a call costs", () => {
  class CountingMap extends Map<HintId, Hint> {
    passes = 0;
    override values() {
      this.passes += 1;
      return super.values();
    }
    override [Symbol.iterator]() {
      this.passes += 1;
      return super[Symbol.iterator]();
    }
  }

  it("does not grow with the orders that no level has shown yet, where it brings no news of Shopify", () => {
    const desk = new CounterDesk(1_000);
    desk.apply(...Array.from({ length: 100 }, (_, n) => news(`order/${n}`, -1, 5)));
    const { merge } = desk.state;
    const listing = merge.listings.get(LISTING) ?? EMPTY_LISTING;
    const hints = new CountingMap(listing.hints);
    desk.state = { ...desk.state, merge: { ...merge, listings: new Map([[LISTING, { ...listing, hints }]]) } };
    for (let n = 0; n < 5; n += 1) {
      desk.apply(take(`t${n}`, 1));
      wants(desk.state.merge, desk.nowMs, MERGE_WINDOWS);
      nextTickMs(desk.state.merge, MERGE_WINDOWS, desk.nowMs);
    }
    expect([desk.shown, hints.passes]).toEqual([{ available: 895, committed: 100, onHand: 995 }, 1]);
  });
});
