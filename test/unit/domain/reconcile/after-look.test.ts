import { describe, expect, it } from "vitest";
import { decideAfterLook, isHealed } from "../../../../src/domain/reconcile/after-look.ts";
import { classifyLevel, type LevelCause, type LevelVerdict } from "../../../../src/domain/reconcile/classify-level.ts";
import { atS, context, expectation, found, listing } from "./level-builders.ts";

const POLICY = { looksMax: 3, webhookWindowMs: 60_000 };
const after = (verdict: LevelVerdict, looks: number) => decideAfterLook(verdict, looks, atS(300), POLICY);
const verdictOf = (cause: LevelCause): LevelVerdict => ({
  ...{ kind: "difference", cause, expected: 10, found: 8, difference: -2, byShopify: -2, foundAtMs: atS(290) },
});

it("clears what matches", () => {
  expect(after({ kind: "match" }, 2)).toEqual({ kind: "clear" });
});

it("reports what does not pass by itself at the first look", () => {
  const missed = classifyLevel(expectation(), found(6, 200), context());
  expect(after(missed, 0)).toMatchObject({ kind: "report", remedy: "read" });
});

it.each(["change_in_shopify", "in_doubt", "push_in_flight", "push_owed"] as const)(
  "looks at %s again when its news should have come, and reports it at the third look",
  (cause) => {
    expect(after(verdictOf(cause), 0)).toEqual({ kind: "look_again", atMs: atS(360) });
    expect(after(verdictOf(cause), 1)).toEqual({ kind: "look_again", atMs: atS(360) });
    expect(after(verdictOf(cause), 2)).toMatchObject({ kind: "report" });
  },
);

it("lets a stale committed be read when it stays stale", () => {
  expect(after({ kind: "stale_committed" }, 0)).toMatchObject({ kind: "look_again" });
  expect(after({ kind: "stale_committed" }, 2)).toEqual({ kind: "refresh" });
});

describe("a finding is healed", () => {
  it("when the read that was asked for was answered, not while another is due", () => {
    expect(isHealed("read", listing({ reads: 4 }), expectation(), 4)).toBe(false);
    expect(isHealed("read", listing({ reads: 5, isReadDue: true }), expectation(), 4)).toBe(false);
    expect(isHealed("read", listing({ reads: 5 }), expectation(), 4)).toBe(true);
  });

  it("never by a read that nobody asked for", () => {
    expect(isHealed("read", listing({ reads: 5 }), expectation(), null)).toBe(false);
  });

  it("when what was ours to send has arrived", () => {
    expect(isHealed("wait", listing(), expectation({ owed: -1 }), null)).toBe(false);
    expect(isHealed("let_go", listing(), expectation({ inFlight: -1 }), null)).toBe(false);
    expect(isHealed("unpark", listing(), expectation({ parked: "refused" }), null)).toBe(false);
    expect(isHealed("stock", listing(), expectation(), null)).toBe(true);
  });

  it("when the level that nobody knew is connected", () => {
    expect(isHealed("import", listing(), null, null)).toBe(false);
    expect(isHealed("import", listing(), expectation(), null)).toBe(true);
  });
});
