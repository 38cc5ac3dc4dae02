import { describe, expect, it } from "vitest";
import { judgeReply, type TroubleKind } from "../../../../src/domain/shop-gate/judge-reply.ts";
import type { GraphqlError, ShopifyReply } from "../../../../src/domain/shop-gate/reply.ts";

const status = (code: number, retryAfterSeconds: number | null = null): ShopifyReply<never> => ({
  kind: "status",
  status: code,
  retryAfterSeconds,
  message: "told",
});
const errors = (...codes: (string | null)[]): ShopifyReply<unknown> => ({
  kind: "graphql",
  data: null,
  errors: codes.map((code): GraphqlError => ({ code, message: `about ${code}` })),
  cost: null,
});

describe("a reply without a 2xx", () => {
  it.each<[number, TroubleKind]>([
    [401, "unauthorized"],
    [402, "shut"],
    [403, "shut"],
    [404, "shut"],
    [423, "shut"],
    [429, "rate_limited"],
    [430, "rate_limited"],
    [400, "refused"],
    [405, "refused"],
    [406, "refused"],
    [413, "refused"],
    [414, "refused"],
    [415, "refused"],
    [422, "refused"],
    [431, "refused"],
    [301, "shut"],
    [302, "shut"],
    [307, "shut"],
    [308, "shut"],
    // A proxy between us and Shopify may give up although the request went on.
    [408, "unclear"],
    [425, "unclear"],
    [409, "unclear"],
    [418, "unclear"],
    [499, "unclear"],
    [500, "unclear"],
    [502, "unclear"],
    [503, "unclear"],
    [504, "unclear"],
    [520, "unclear"],
    [524, "unclear"],
    [530, "unclear"],
    [599, "unclear"],
  ])("calls %i %s", (code, kind) => {
    expect(judgeReply(status(code))).toMatchObject({ kind, code: `HTTP_${code}`, message: "told" });
  });

  it.each([
    [402, "shop_frozen"],
    [403, "forbidden"],
    [404, "not_found"],
    [423, "locked"],
    [301, "redirected"],
  ])("names why a shop is shut: %i is %s", (code, reason) => {
    expect(judgeReply(status(code))).toMatchObject({ kind: "shut", reason });
  });

  it("carries the Retry-After of 429 and of 503", () => {
    expect(judgeReply(status(429, 7))).toMatchObject({ kind: "rate_limited", retryAfterSeconds: 7 });
    expect(judgeReply(status(503, 9))).toMatchObject({ kind: "unclear", blames: "shopify", retryAfterSeconds: 9 });
  });

  it("calls every status that is no 2xx something, and never nothing", () => {
    for (let code = 300; code < 700; code += 1) expect(judgeReply(status(code))?.kind).toBeTypeOf("string");
  });
});

describe("no reply, or none that can be read", () => {
  it.each<[ShopifyReply<never>, string]>([
    [{ kind: "no_reply", fault: "network", message: "reset" }, "NETWORK"],
    [{ kind: "no_reply", fault: "timeout", message: "slow" }, "TIMEOUT"],
    [{ kind: "unreadable", status: 200, message: "no JSON" }, "UNREADABLE"],
  ])("may have been applied: $kind", (reply, code) => {
    expect(judgeReply(reply)).toMatchObject({ kind: "unclear", blames: "shopify", code });
  });
});

describe("top-level errors", () => {
  it.each<[string | null, TroubleKind]>([
    ["THROTTLED", "throttled"],
    ["ACCESS_DENIED", "denied"],
    ["UNAUTHENTICATED", "unauthorized"],
    ["SHOP_INACTIVE", "shut"],
    ["MAX_COST_EXCEEDED", "too_large"],
    ["MAX_INPUT_SIZE_EXCEEDED", "too_large"],
    ["BAD_REQUEST", "refused"],
    ["INVALID_VARIABLE", "refused"],
    ["INVALID_FIELD_ARGUMENTS", "refused"],
    ["INVALID_ANYTHING_NEW", "refused"],
    ["GRAPHQL_PARSE_FAILED", "refused"],
    ["GRAPHQL_VALIDATION_FAILED", "refused"],
    // Static validation speaks camelCase, and runs nothing.
    ["undefinedField", "refused"],
    ["missingRequiredArguments", "refused"],
    ["directiveCannotBeApplied", "refused"],
    ["argumentLiteralsIncompatible", "refused"],
    ["INTERNAL_SERVER_ERROR", "unclear"],
    ["SERVICE_UNAVAILABLE", "unclear"],
    ["TIMEOUT", "unclear"],
    ["IDEMPOTENCY_CONCURRENT_REQUEST", "unclear"],
    // Nobody knows these: they may have been applied.
    ["SOMETHING_NEW", "unclear"],
    ["", "unclear"],
    [null, "unclear"],
  ])("calls %s %s", (code, kind) => {
    expect(judgeReply(errors(code))).toMatchObject({ kind, message: `about ${code}` });
  });

  it("blames Shopify as a whole for its own faults, and only the call for what nobody knows", () => {
    expect(judgeReply(errors("INTERNAL_SERVER_ERROR"))).toMatchObject({ blames: "shopify" });
    expect(judgeReply(errors("SOMETHING_NEW"))).toMatchObject({ blames: "call" });
    expect(judgeReply(errors("IDEMPOTENCY_CONCURRENT_REQUEST"))).toMatchObject({ blames: "call" });
  });

  it("takes the most cautious of several", () => {
    expect(judgeReply(errors("BAD_REQUEST", "THROTTLED"))).toMatchObject({ kind: "throttled" });
    expect(judgeReply(errors("THROTTLED", "SOMETHING_NEW"))).toMatchObject({ kind: "unclear" });
    expect(judgeReply(errors("undefinedField", "ACCESS_DENIED"))).toMatchObject({ kind: "denied" });
  });

  it("finds no trouble where there are none", () => {
    expect(judgeReply({ kind: "graphql", data: {}, errors: [], cost: null })).toBeNull();
  });
});
