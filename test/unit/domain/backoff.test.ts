import { describe, expect, it } from "vitest";
import { backoffSeconds } from "../../../src/domain/backoff.ts";

const POLICY = { delaySeconds: 1, delaySecondsMax: 900 };

describe("backoffSeconds", () => {
  it("doubles from the first delay up to the maximum", () => {
    expect([1, 2, 3, 4, 5, 10, 11, 60].map((attempt) => backoffSeconds(attempt, POLICY, () => 0))).toEqual([
      1, 2, 4, 8, 16, 512, 900, 900,
    ]);
  });

  it("adds up to half again at random, in whole seconds", () => {
    expect([1, 2, 3, 4].map((attempt) => backoffSeconds(attempt, POLICY, () => 0.999))).toEqual([1, 3, 6, 12]);
  });

  it("is never below a Retry-After, not even at the maximum", () => {
    expect(backoffSeconds(1, POLICY, () => 0, 7.2)).toBe(8);
    expect(backoffSeconds(20, POLICY, () => 0, 1_000)).toBe(1_000);
  });
});
