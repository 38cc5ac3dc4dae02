/** What a counter tells a gate about the pushes that it hands out: how old they are, and whether they can wait. */
import { expect, it } from "vitest";
import { fromStore, type ListingId, type LocationId, type ShopDomain } from "../../../src/domain/ids.ts";
import { sale } from "../../support/counter/asked.ts";
import { deskOn } from "../../support/counter/desk-on.ts";

const START_MS = 1_800_000_000_000;
const SHOP = fromStore<ShopDomain>("a.myshopify.com");
const LISTING = fromStore<ListingId>("a.myshopify.com/100");
const PLACE = fromStore<LocationId>("1");

function connected(available: number) {
  let nowMs = START_MS;
  let ids = 0;
  const desk = deskOn({ nowMs: () => nowMs, newId: () => `id-${++ids}` });
  desk.connectListing({
    ...{ sku: fromStore("CUP"), listingId: LISTING, correlationId: fromStore("connect-1") },
    levels: [{ locationId: PLACE, shopLocationId: fromStore("1"), available, committed: 0, atMs: START_MS - 60_000 }],
  });
  let keys = 0;
  const sell = (quantity: number, receivedAtMs?: number) => {
    keys += 1;
    const event = sale(`till/${keys}`, quantity, { allowNegative: true, locationId: PLACE, occurredAtMs: nowMs });
    return desk.applyPatiently([event], receivedAtMs === undefined ? {} : { receivedAtMs });
  };
  return {
    desk,
    sell,
    pass: (ms: number) => {
      nowMs += ms;
    },
    pushes: () => desk.takeWork(SHOP).pushes.map(({ receivedAtMs, urgent }) => [receivedAtMs, urgent]),
  };
}

it("a push carries the receipt of the oldest event in it, handed out again, too", async () => {
  const { sell, pass, pushes } = connected(10);
  await sell(1, START_MS - 700);
  await sell(1, START_MS - 400);
  expect(pushes()).toEqual([[START_MS - 700, false]]);
  pass(1_000);
  expect(pushes()).toEqual([[START_MS - 700, false]]);
});

it("what the API is told was received now", async () => {
  const { sell, pushes } = connected(10);
  await sell(1);
  expect(pushes()).toEqual([[START_MS, false]]);
});

it("a push that takes units off sale is urgent while its SKU is oversold, and not before", async () => {
  const sold = connected(2);
  await sold.sell(2);
  expect(sold.pushes()).toEqual([[START_MS, false]]);
  const over = connected(2);
  await over.sell(3);
  expect(over.pushes()).toEqual([[START_MS, true]]);
});
