import { expect, it } from "vitest";
import { type Channel, DEFAULT_OUTBOUND, hasGate, isTold } from "../../../../src/domain/channel/channel.ts";
import { takesReorders } from "../../../../src/domain/channel/reorder-document.ts";
import { fromStore } from "../../../../src/domain/ids.ts";
import { fulfillersOf } from "../../../../src/services/channels/order-news.ts";
import { channelDraft } from "../../../support/channels/draft.ts";

const sandbox = { direction: "both", state: "active", endpoint: "https://connect.squareupsandbox.com" } as const;

it("tells nothing in our own format to who does not speak it, and hears of differences by a gate", () => {
  expect([isTold({ ...sandbox, adapter: "square" }), hasGate({ adapter: "square" })]).toEqual([false, true]);
  expect([isTold({ ...sandbox, adapter: "shopify" }), hasGate({ adapter: "shopify" })]).toEqual([false, true]);
  expect([isTold({ ...sandbox, adapter: "onhand" }), hasGate({ adapter: "onhand" })]).toEqual([true, false]);
});

// It was written a document that could never be sent, and the minute signalled it again for ever.
it("asks nobody to send out an order, or for more stock, who does not speak our format", () => {
  const asked = { outbound: { ...DEFAULT_OUTBOUND, orders: ["*"], reorders: true } } as const;
  const of = (adapter: "square" | "onhand"): Channel => ({
    ...channelDraft({ ...asked, type: "pos", adapter, endpoint: sandbox.endpoint }),
    ...{ state: "paused", readOnly: false, revision: 1 },
  });
  expect([of("square"), of("onhand")].map(takesReorders)).toEqual([false, true]);
  expect(fulfillersOf([of("square")], fromStore("market"))).toEqual([]);
  expect(fulfillersOf([of("onhand")], fromStore("market"))).toHaveLength(1);
});
