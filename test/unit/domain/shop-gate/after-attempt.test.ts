import { describe, expect, it } from "vitest";
import { type CallKey, fromStore } from "../../../../src/domain/ids.ts";
import {
  afterAttempt,
  type CallStep,
  isExpired,
  type OpenCall,
} from "../../../../src/domain/shop-gate/after-attempt.ts";
import type { AdjustVerdict } from "../../../../src/domain/shop-gate/judge-adjust.ts";
import { push, row } from "../../../support/shop-gate/builders.ts";

const NOW_MS = 1_000_000;
const HOUR_MS = 3_600_000;
const call = (change: Partial<OpenCall> = {}): OpenCall => ({
  callKey: fromStore<CallKey>("call-1"),
  firstAtMs: NOW_MS - 500,
  attempts: 1,
  isTainted: false,
  pushes: [
    { ...push("a", [row(-1, "100", "1"), row(2, "100", "2")]), tries: 1 },
    { ...push("b", [row(3, "200", "1")]), tries: 1 },
  ],
  ...change,
});
const told = { code: "CODE", message: "told" };
/** Every verdict but success, the key's own errors and unclear. */
const notApplied: readonly AdjustVerdict[] = [
  { kind: "throttled", ...told },
  { kind: "rate_limited", retryAfterSeconds: null, ...told },
  { kind: "unauthorized", ...told },
  { kind: "shut", reason: "shop_frozen", ...told },
  { kind: "denied", ...told },
  { kind: "refused", ...told },
  { kind: "too_large", ...told },
  { kind: "rows_refused", rows: [{ row: 0, ...told }], hasUnnamed: false, ...told },
  { kind: "call_refused", ...told },
];
const step = (verdict: AdjustVerdict, change: Partial<OpenCall> = {}): CallStep =>
  afterAttempt(call(change), verdict, NOW_MS, () => 0);
const released = (verdict: AdjustVerdict, change: Partial<OpenCall> = {}) => {
  const outcome = step(verdict, change);
  if (outcome.kind !== "released") throw new Error(`${outcome.kind} instead of released`);
  return outcome;
};
const changes = [
  { name: "on_hand", item: "100", location: "1", delta: -1, quantityAfter: 77 },
  { name: "available", item: "100", location: "1", delta: -1, quantityAfter: 7 },
  { name: "available", item: "100", location: "2", delta: 2, quantityAfter: null },
  { name: "available", item: "200", location: "1", delta: 4, quantityAfter: 9 },
];

describe("success", () => {
  it("settles each push at the group's time, with the levels that belong to exactly its rows", () => {
    expect(step({ kind: "applied", atMs: 42, changes })).toEqual({
      kind: "done",
      outcomes: [
        {
          kind: "applied",
          pushKey: "push-a",
          listingId: "shop-a.myshopify.com/100",
          atMs: 42,
          after: [{ location: "1", quantity: 7 }],
        },
        // Shopify speaks of +4 where we sent +3: whatever that is, it is not the level after our push.
        { kind: "applied", pushKey: "push-b", listingId: "shop-a.myshopify.com/200", atMs: 42, after: [] },
      ],
    });
  });

  it.each([{ attempts: 2 }, { isTainted: true }])("takes no level from a replay: %o", (change) => {
    const outcome = step({ kind: "applied", atMs: 42, changes }, change);
    expect(outcome).toMatchObject({
      kind: "done",
      outcomes: [
        { atMs: 42, after: [] },
        { atMs: 42, after: [] },
      ],
    });
  });

  it("takes no level without a time", () => {
    const outcome = step({ kind: "applied", atMs: null, changes });
    expect(outcome).toMatchObject({
      outcomes: [
        { atMs: null, after: [] },
        { atMs: null, after: [] },
      ],
    });
  });
});

describe("an unclear attempt", () => {
  it("freezes its call, for 1, 2, 4 … 30 s", () => {
    const waits = [1, 2, 3, 4, 7, 30].map((attempts) => {
      const outcome = step({ kind: "unclear", blames: "shopify", retryAfterSeconds: null, ...told }, { attempts });
      return outcome.kind === "frozen" ? (outcome.nextTryMs - NOW_MS) / 1_000 : null;
    });
    expect(waits).toEqual([1, 2, 4, 8, 30, 30]);
  });

  it("waits for a Retry-After, up to a quarter of an hour", () => {
    const wait = (retryAfterSeconds: number): CallStep =>
      step({ kind: "unclear", blames: "shopify", retryAfterSeconds, ...told });
    expect(wait(17)).toMatchObject({ kind: "frozen", nextTryMs: NOW_MS + 17_000 });
    expect(wait(86_400)).toMatchObject({ kind: "frozen", nextTryMs: NOW_MS + 900_000 });
  });
});

describe("a call that was certainly not applied", () => {
  it.each(notApplied.filter(({ kind }) => !["rows_refused", "call_refused"].includes(kind)))(
    "gives its pushes back at once, untainted: $kind",
    (verdict) => {
      const { failed, queued } = released(verdict);
      expect(failed).toEqual([]);
      expect(queued.map(({ push: { pushKey }, isAlone, notBeforeMs }) => [pushKey, isAlone, notBeforeMs])).toEqual([
        ["push-a", false, NOW_MS],
        ["push-b", false, NOW_MS],
      ]);
    },
  );

  it.each(notApplied)("stays as it is when tainted, whatever the reply says: $kind", (verdict) => {
    expect(step(verdict, { isTainted: true, attempts: 2 })).toEqual({
      kind: "frozen",
      nextTryMs: NOW_MS + 2_000,
      ...told,
    });
  });

  it("waits longer the more often its pushes were in a call that failed as a whole", () => {
    const pushes = [1, 2, 3].map((tries) => ({ ...push(`p${tries}`), tries }));
    const { queued } = released({ kind: "call_refused", ...told }, { pushes });
    expect(queued.map(({ notBeforeMs }) => notBeforeMs - NOW_MS)).toEqual([1_000, 2_000, 4_000]);
  });

  it("is over when Shopify says that an earlier attempt failed, tainted or not", () => {
    for (const isTainted of [false, true]) {
      const { failed, queued } = released({ kind: "previous_failed", ...told }, { isTainted, attempts: 3 });
      expect([failed.length, queued.length]).toEqual([0, 2]);
    }
  });
});

describe("a key that Shopify knows with other variables", () => {
  it.each([false, true])("stops its call for good, tainted: %s", (isTainted) => {
    expect(step({ kind: "mismatch", ...told }, { isTainted })).toEqual({ kind: "stuck", ...told });
  });
});

describe("refused rows", () => {
  const rows = (...numbers: number[]): AdjustVerdict => ({
    kind: "rows_refused",
    rows: numbers.map((each) => ({ row: each, code: `CODE_${each}`, message: "told" })),
    hasUnnamed: false,
    ...told,
  });

  it("fail the push that owns them, and park just their locations", () => {
    const { failed, queued } = released(rows(1));
    expect(failed).toEqual([
      {
        kind: "failed",
        pushKey: "push-a",
        listingId: "shop-a.myshopify.com/100",
        code: "CODE_1",
        message: "told",
        park: ["2"],
      },
    ]);
    expect(queued.map(({ push: { pushKey }, isAlone }) => [pushKey, isAlone])).toEqual([["push-b", false]]);
  });

  it("are counted over all pushes of the call", () => {
    const { failed, queued } = released(rows(2));
    expect(failed).toMatchObject([{ pushKey: "push-b", park: ["1"] }]);
    expect(queued).toMatchObject([{ push: { pushKey: "push-a" } }]);
  });

  it("may fail all of it", () => {
    const { failed, queued } = released(rows(0, 1, 2));
    expect(failed).toMatchObject([
      { pushKey: "push-a", code: "CODE_0", park: ["1", "2"] },
      { pushKey: "push-b", code: "CODE_2", park: ["1"] },
    ]);
    expect(queued).toEqual([]);
  });

  const unnamed: AdjustVerdict = { kind: "rows_refused", rows: [], hasUnnamed: true, ...told };

  it("that are not named send each push by itself next time", () => {
    const { failed, queued } = released(unnamed);
    expect(failed).toEqual([]);
    expect(queued.map(({ isAlone }) => isAlone)).toEqual([true, true]);
  });

  it("that are not named fail the only push that they can mean", () => {
    const only = [{ ...push("a", [row(-1, "100", "1"), row(2, "100", "2")]), tries: 2 }];
    const { failed, queued } = released(unnamed, { pushes: only });
    expect(failed).toMatchObject([{ pushKey: "push-a", code: "CODE", park: ["1", "2"] }]);
    expect(queued).toEqual([]);
  });

  it("fail a push that is too large all by itself, but not for a single row", () => {
    const tooLarge: AdjustVerdict = { kind: "too_large", ...told };
    const two = [{ ...push("a", [row(1, "100", "1"), row(2, "100", "2")]), tries: 1 }];
    expect(released(tooLarge, { pushes: two }).failed).toMatchObject([{ pushKey: "push-a", park: ["1", "2"] }]);
    expect(released(tooLarge, { pushes: [{ ...push("a"), tries: 1 }] })).toMatchObject({ failed: [], queued: [{}] });
  });
});

describe("expiry", () => {
  it("comes 23 h after the first attempt, to the millisecond, and only for a tainted call", () => {
    const firstAtMs = NOW_MS;
    expect(isExpired({ firstAtMs, isTainted: true }, NOW_MS + 23 * HOUR_MS - 1)).toBe(false);
    expect(isExpired({ firstAtMs, isTainted: true }, NOW_MS + 23 * HOUR_MS)).toBe(true);
    expect(isExpired({ firstAtMs, isTainted: false }, NOW_MS + 99 * HOUR_MS)).toBe(false);
  });
});
