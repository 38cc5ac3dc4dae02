import { expect, it } from "vitest";
import { quantileOf } from "../../../../src/domain/telemetry/quantile.ts";

it("a quantile lies within its bucket by straight line, at the largest bound beyond all, nowhere without observations", () => {
  expect(quantileOf([1, 2, 4], [50, 50, 0, 0], 0.5)).toBe(1);
  expect(quantileOf([1, 2, 4], [50, 50, 0, 0], 0.75)).toBe(1.5);
  expect(quantileOf([1, 2, 4], [0, 0, 10, 0], 0.5)).toBe(3);
  expect(quantileOf([1, 2, 4], [0, 0, 0, 3], 0.95)).toBe(4);
  expect(quantileOf([1, 2, 4], [0, 0, 0, 0], 0.95)).toBeNull();
});
