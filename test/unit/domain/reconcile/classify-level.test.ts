import { describe, expect, it } from "vitest";
import { classifyLevel } from "../../../../src/domain/reconcile/classify-level.ts";
import { atS, context, expectation, found } from "./level-builders.ts";

describe("a level is as it should be", () => {
  it("when Shopify shows what was settled and sent", () => {
    expect(classifyLevel(expectation(), found(10), context())).toEqual({ kind: "match" });
  });

  it("when it shows fewer by orders that are known already, and whose level is still to come", () => {
    expect(classifyLevel(expectation({ anticipated: 3 }), found(7, 290), context())).toEqual({ kind: "match" });
  });

  it("when it is not stocked, known to be so, and owed nothing", () => {
    expect(classifyLevel(expectation({ parked: "missing" }), null, context())).toEqual({ kind: "match" });
  });

  it("when nobody expects it and it is not there", () => {
    expect(classifyLevel(null, null, context())).toEqual({ kind: "match" });
  });
});

describe("a difference that Shopify made", () => {
  it("is a missed webhook when its news should have come", () => {
    expect(classifyLevel(expectation(), found(6, 200), context())).toEqual({
      kind: "difference",
      cause: "missed_webhook",
      expected: 10,
      found: 6,
      difference: -4,
      byShopify: -4,
      foundAtMs: atS(200),
    });
  });

  it("is a change in Shopify while its news may yet come", () => {
    expect(classifyLevel(expectation(), found(14, 241), context())).toMatchObject({
      cause: "change_in_shopify",
      byShopify: 4,
    });
  });

  it("is unexplained under a stamp that is known already", () => {
    expect(classifyLevel(expectation(), found(12, 100), context())).toMatchObject({ cause: "unexplained" });
  });

  it("is in doubt while snapshots that came do not agree on as much", () => {
    expect(classifyLevel(expectation({ doubt: 3 }), found(8, 100), context())).toMatchObject({ cause: "in_doubt" });
    expect(classifyLevel(expectation({ doubt: 3 }), found(5, 200), context())).toMatchObject({
      cause: "missed_webhook",
    });
  });

  it("names only its own part of it when something of ours is on its way, too", () => {
    expect(classifyLevel(expectation({ owed: -2 }), found(15, 200), context())).toMatchObject({
      cause: "missed_webhook",
      expected: 8,
      difference: 7,
      byShopify: 5,
    });
  });

  it("is that the level is gone, or is where nobody knew it", () => {
    expect(classifyLevel(expectation(), null, context())).toMatchObject({ cause: "level_missing", found: null });
    expect(classifyLevel(null, found(4), context())).toMatchObject({ cause: "level_not_connected", expected: null });
  });
});

describe("a difference that is ours to send", () => {
  it("is owed, or in flight, and was not made by Shopify", () => {
    expect(classifyLevel(expectation({ owed: -2 }), found(10), context())).toMatchObject({
      cause: "push_owed",
      expected: 8,
      difference: 2,
      byShopify: 0,
    });
    expect(classifyLevel(expectation({ shown: 8, inFlight: -2 }), found(10), context())).toMatchObject({
      cause: "push_in_flight",
      expected: 8,
      byShopify: 0,
    });
  });

  it("is the buffer, while what the channel's rules withhold is not moved away", () => {
    expect(classifyLevel(expectation({ toBuffer: -3 }), found(10), context())).toMatchObject({
      cause: "buffer",
      expected: 7,
      byShopify: 0,
    });
    expect(classifyLevel(expectation({ shown: 7 }), found(7), context())).toEqual({ kind: "match" });
  });

  it("is held by a catch", () => {
    const held = context({ isHeld: true });
    expect(classifyLevel(expectation({ shown: 8, inFlight: -2 }), found(10), held)).toMatchObject({
      cause: "held_by_catch",
    });
  });

  it("is parked, and why", () => {
    expect(classifyLevel(expectation({ owed: -2, parked: "refused" }), found(10), context())).toMatchObject({
      cause: "parked_refused",
    });
    expect(classifyLevel(expectation({ owed: 3, parked: "missing" }), null, context())).toMatchObject({
      cause: "parked_missing",
      expected: 13,
      difference: null,
    });
  });
});

it("finds other committed units than Shopify's stale, without calling that a mismatch", () => {
  expect(classifyLevel(expectation({ committed: 2 }), found(10, 100, 0), context())).toEqual({
    kind: "stale_committed",
  });
  expect(classifyLevel(expectation({ committed: 2 }), found(10, 100, null), context())).toEqual({ kind: "match" });
});
