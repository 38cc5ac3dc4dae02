/** Orders whose stock moves at another time than they are made, or never: the counter is right again with the next read. */
import { expect, it } from "vitest";
import type { CounterEvent } from "../../../../src/domain/counter/counter-event.ts";
import { fromStore } from "../../../../src/domain/ids.ts";
import { CONFIG, CounterDesk, LISTING, level, news, PLACE, take } from "./counter-desk.ts";

const { graceMs, verifyMs, minReadMs } = CONFIG.windows;
const levelGone: CounterEvent = {
  kind: "level_gone",
  listingId: LISTING,
  locationId: PLACE,
  correlationId: fromStore("c"),
};

it("counts a pre-order that takes no stock for a moment only: the read that it asks for finds the level untouched", () => {
  const desk = new CounterDesk(5);
  desk.apply(news("order/1/1", -2, 100));
  expect(desk.shown).toEqual({ available: 3, committed: 2, onHand: 5 });
  desk.wait(graceMs + 1);
  expect(desk.isReadWanted).toBe(true);
  desk.read(5, 0, 0); // as it was, under its old stamp
  expect(desk.shown).toEqual({ available: 5, committed: 0, onHand: 5 });
});

it("takes the units of a draft order once, though Shopify reserved them long before it was completed", () => {
  const desk = new CounterDesk(5);
  desk.apply(level(3, 10)); // reserved with the draft
  expect(desk.shown.available).toBe(3);
  desk.apply(news("order/2/1", -2, 5_000)); // completed: an order like any
  expect(desk.shown.available).toBe(1); // too few for a moment is safe
  desk.wait(graceMs + 1);
  desk.read(3, 2, 10);
  expect(desk.shown).toEqual({ available: 3, committed: 2, onHand: 5 });
});

it("goes below zero with an item that Shopify sells on, and takes nothing more of it", () => {
  const desk = new CounterDesk(1);
  desk.apply(news("order/3/1", -4, 100), level(-3, 100));
  expect(desk.shown).toEqual({ available: -3, committed: 4, onHand: 1 });
  expect(desk.apply(take("till", 1)).map(({ kind }) => kind)).toEqual(["insufficient"]);
});

it("parks a level that is told to be gone until a read finds it, whichever of the two came first", () => {
  const desk = new CounterDesk(5);
  const parked = () => desk.state.merge.listings.get(LISTING)?.levels.get(PLACE)?.parked;
  desk.apply(levelGone);
  expect([parked(), desk.isReadWanted]).toEqual(["missing", true]);
  desk.read(5, 0, 0); // the news was late: it is stocked
  expect(parked()).toBeNull();
  desk.apply(levelGone, levelGone);
  desk.wait(minReadMs + 1);
  const key = desk.startRead();
  desk.apply({ kind: "read_answered", listingId: LISTING, key, levels: [] });
  expect([parked(), desk.shown.available]).toEqual(["missing", 5]); // the units are still ours to explain
  desk.wait(verifyMs);
  expect(parked()).toBe("missing");
});
