import { describe, expect, it } from "vitest";
import { ADJUST_USER_ERRORS, type AdjustVerdict, judgeAdjust } from "../../../../src/domain/shop-gate/judge-adjust.ts";
import type {
  AdjustPayload,
  AdjustUserError,
  GraphqlError,
  ShopifyReply,
} from "../../../../src/domain/shop-gate/reply.ts";

const answer = (data: AdjustPayload | null, errors: readonly GraphqlError[] = []): ShopifyReply<AdjustPayload> => ({
  kind: "graphql",
  data,
  errors,
  cost: null,
});
const refused = (...userErrors: Partial<AdjustUserError>[]): ShopifyReply<AdjustPayload> =>
  answer({ group: null, userErrors: userErrors.map((each) => ({ code: null, message: "told", row: null, ...each })) });
const group = { createdAtMs: 5, changes: [] };

describe("an adjustment that Shopify answered", () => {
  it("was applied, at the group's time", () => {
    expect(judgeAdjust(answer({ group, userErrors: [] }), 1)).toEqual({ kind: "applied", atMs: 5, changes: [] });
  });

  it("was applied at an unknown time when the group lacks its own", () => {
    const verdict = judgeAdjust(answer({ group: { ...group, createdAtMs: null }, userErrors: [] }), 1);
    expect(verdict).toEqual({ kind: "applied", atMs: null, changes: [] });
  });

  it("was applied at an unknown time when there is neither group nor error", () => {
    expect(judgeAdjust(answer({ group: null, userErrors: [] }), 1)).toEqual({
      kind: "applied",
      atMs: null,
      changes: [],
    });
  });

  it("was applied although a field below it was denied", () => {
    const denied = [{ code: "ACCESS_DENIED", message: "no access to location" }];
    expect(judgeAdjust(answer({ group, userErrors: [] }, denied), 1)).toMatchObject({ kind: "applied", atMs: 5 });
    expect(judgeAdjust(answer({ group: null, userErrors: [] }, denied), 1)).toMatchObject({
      kind: "applied",
      atMs: null,
    });
  });

  it("is unclear when an internal error took the group away", () => {
    const internal = [{ code: "INTERNAL_SERVER_ERROR", message: "" }];
    expect(judgeAdjust(answer({ group: null, userErrors: [] }, internal), 1)).toMatchObject({ kind: "unclear" });
  });

  it("is unclear when it says applied and refused at once", () => {
    const both = answer({ group, userErrors: [{ code: "INVALID_LOCATION", message: "", row: 0 }] });
    expect(judgeAdjust(both, 1)).toMatchObject({ kind: "unclear", code: "CONTRADICTION" });
  });

  it("is unclear when there is neither payload nor error", () => {
    expect(judgeAdjust(answer(null), 1)).toMatchObject({ kind: "unclear", code: "NO_PAYLOAD" });
  });
});

describe("each code of Shopify's list", () => {
  const verdictOf: Readonly<Record<string, AdjustVerdict["kind"]>> = {
    ADJUST_QUANTITIES_FAILED: "call_refused",
    CHANGE_FROM_QUANTITY_STALE: "rows_refused",
    IDEMPOTENCY_CONCURRENT_REQUEST: "unclear",
    IDEMPOTENCY_KEY_PARAMETER_MISMATCH: "mismatch",
    IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED: "previous_failed",
    INTERNAL_LEDGER_DOCUMENT: "refused",
    INVALID_AVAILABLE_DOCUMENT: "refused",
    INVALID_INVENTORY_ITEM: "rows_refused",
    INVALID_LEDGER_DOCUMENT: "refused",
    INVALID_LOCATION: "rows_refused",
    INVALID_QUANTITY_DOCUMENT: "refused",
    INVALID_QUANTITY_NAME: "refused",
    INVALID_QUANTITY_TOO_HIGH: "rows_refused",
    INVALID_QUANTITY_TOO_LOW: "rows_refused",
    INVALID_REASON: "refused",
    INVALID_REFERENCE_DOCUMENT: "refused",
    ITEM_NOT_STOCKED_AT_LOCATION: "rows_refused",
    MAX_ONE_LEDGER_DOCUMENT: "refused",
    NON_MUTABLE_INVENTORY_ITEM: "rows_refused",
    SERVICE_UNAVAILABLE: "unclear",
  };

  it.each(Object.entries(verdictOf))("calls %s %s", (code, kind) => {
    expect(judgeAdjust(refused({ code, row: 0 }), 1)).toMatchObject({ kind, code, message: "told" });
  });

  it("has a class for all of them, and for no other", () => {
    expect([...ADJUST_USER_ERRORS.keys()].sort()).toEqual(Object.keys(verdictOf).sort());
  });

  it("blames Shopify as a whole for SERVICE_UNAVAILABLE, only the call for a concurrent request", () => {
    expect(judgeAdjust(refused({ code: "SERVICE_UNAVAILABLE" }), 1)).toMatchObject({ blames: "shopify" });
    expect(judgeAdjust(refused({ code: "IDEMPOTENCY_CONCURRENT_REQUEST" }), 1)).toMatchObject({ blames: "call" });
  });

  it("finds the key's errors at the top level, too", () => {
    const top = (code: string) => answer(null, [{ code, message: "" }]);
    expect(judgeAdjust(top("IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED"), 1)).toMatchObject({ kind: "previous_failed" });
    expect(judgeAdjust(top("IDEMPOTENCY_KEY_PARAMETER_MISMATCH"), 1)).toMatchObject({ kind: "mismatch" });
  });
});

describe("rows", () => {
  it("are named by number, each with its own code", () => {
    const verdict = judgeAdjust(
      refused({ code: "INVALID_LOCATION", row: 2 }, { code: "NON_MUTABLE_INVENTORY_ITEM", row: 0 }),
      3,
    );
    expect(verdict).toEqual({
      kind: "rows_refused",
      rows: [
        { row: 2, code: "INVALID_LOCATION", message: "told" },
        { row: 0, code: "NON_MUTABLE_INVENTORY_ITEM", message: "told" },
      ],
      hasUnnamed: false,
      code: "INVALID_LOCATION",
      message: "told",
    });
  });

  it("beyond the call's own are named by nobody", () => {
    expect(judgeAdjust(refused({ code: "INVALID_LOCATION", row: 3 }), 3)).toMatchObject({ rows: [], hasUnnamed: true });
    expect(judgeAdjust(refused({ code: "INVALID_LOCATION", row: null }), 3)).toMatchObject({
      rows: [],
      hasUnnamed: true,
    });
  });

  it("take a code that nobody knows when it names one", () => {
    expect(judgeAdjust(refused({ code: "SOMETHING_NEW", row: 1 }), 3)).toMatchObject({
      kind: "rows_refused",
      hasUnnamed: false,
    });
    expect(judgeAdjust(refused({ code: null, row: 1 }), 3)).toMatchObject({ kind: "rows_refused", code: "UNKNOWN" });
  });

  it("cannot be blamed for a code that nobody knows and that names none", () => {
    expect(judgeAdjust(refused({ code: "SOMETHING_NEW" }), 3)).toMatchObject({
      kind: "unclear",
      code: "SOMETHING_NEW",
    });
    expect(judgeAdjust(refused({ code: null }), 3)).toMatchObject({ kind: "unclear" });
  });
});

describe("several errors at once", () => {
  it.each<[string, string, AdjustVerdict["kind"]]>([
    ["INVALID_LOCATION", "SERVICE_UNAVAILABLE", "unclear"],
    ["INVALID_LOCATION", "IDEMPOTENCY_KEY_PARAMETER_MISMATCH", "mismatch"],
    ["INVALID_LOCATION", "IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED", "previous_failed"],
    ["INVALID_LOCATION", "INVALID_REASON", "refused"],
    ["INVALID_LOCATION", "ADJUST_QUANTITIES_FAILED", "rows_refused"],
  ])("%s and %s: the more cautious wins", (one, other, kind) => {
    expect(judgeAdjust(refused({ code: one, row: 0 }, { code: other }), 1)).toMatchObject({ kind });
    expect(judgeAdjust(refused({ code: other }, { code: one, row: 0 }), 1)).toMatchObject({ kind });
  });
});
