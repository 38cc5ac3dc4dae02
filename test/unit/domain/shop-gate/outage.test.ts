import { expect, it } from "vitest";
import { afterFault, closedBreaker } from "../../../../src/domain/shop-gate/breaker.ts";
import { afterBreaker, noOutage, OUTAGE_MS_MIN } from "../../../../src/domain/shop-gate/outage.ts";

const open = afterFault(closedBreaker, { reason: "http_503", retryAfterSeconds: 30 }, 1_000, () => 0.5);

it("ends with the first answer after the breaker opened, however it was closed", () => {
  const during = afterBreaker(noOutage, open, false, 1_000);
  expect(afterBreaker(during, open, false, 5_000)).toBe(during);
  const overMs = 1_000 + OUTAGE_MS_MIN;
  expect(afterBreaker(during, closedBreaker, false, overMs)).toBe(during);
  expect(afterBreaker(during, closedBreaker, true, overMs)).toEqual({ sinceMs: null, endedMs: overMs });
});

it("is none when it was over in a moment", () => {
  const during = afterBreaker(noOutage, open, false, 1_000);
  expect(afterBreaker(during, closedBreaker, true, 2_000)).toEqual(noOutage);
});
