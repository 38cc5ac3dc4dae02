import { expect, it } from "vitest";
import { afterFailure, closedBreaker, isolated, probing } from "../../../../src/domain/breaker/breaker.ts";
import { SHOPIFY_BREAKER } from "../../../../src/domain/breaker/policies.ts";
import { afterBreaker, noOutage, OUTAGE_MS_MIN } from "../../../../src/domain/shop-gate/outage.ts";

const failure = { startedMs: 1_000, reason: "http_503", retryAfterSeconds: 30 };
const open = afterFailure(closedBreaker, failure, SHOPIFY_BREAKER, 1_000, () => 0.5);

it("lasts until the breaker is closed, its probes included", () => {
  const during = afterBreaker(noOutage, open, 1_000);
  expect(during).toEqual({ sinceMs: 1_000, endedMs: null });
  expect(afterBreaker(during, open, 5_000)).toBe(during);
  expect(afterBreaker(during, probing(open, 31_000), 31_000)).toBe(during);
  const overMs = 1_000 + OUTAGE_MS_MIN;
  expect(afterBreaker(during, closedBreaker, overMs)).toEqual({ sinceMs: null, endedMs: overMs });
});

it("is none when it was over in a moment", () => {
  const during = afterBreaker(noOutage, open, 1_000);
  expect(afterBreaker(during, closedBreaker, 2_000)).toEqual(noOutage);
});

it("is also what an operator made by isolating the shop: nobody was asked meanwhile", () => {
  const stopped = isolated(closedBreaker, "admin", "their deploy", 7_000);
  expect(afterBreaker(noOutage, stopped, 7_000)).toEqual({ sinceMs: 7_000, endedMs: null });
});
