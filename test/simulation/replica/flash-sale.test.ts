import { describe, expect, it } from "vitest";
import { playFlashSale } from "./flash-sale.ts";

describe("a flash sale", () => {
  it.each([
    { ordersPerSecond: 50, resolutionMs: 1_000, coalesceMs: 50, tillEveryMs: 500 },
    { ordersPerSecond: 10, resolutionMs: 1_000, coalesceMs: 1_000, tillEveryMs: 500 },
    { ordersPerSecond: 1, resolutionMs: 1_000, coalesceMs: 50, tillEveryMs: 500 },
    { ordersPerSecond: 1, resolutionMs: 1, coalesceMs: 1_000, tillEveryMs: 2_000 },
  ] as const)("of %o leaves no sale of our till waiting for two seconds, whatever is in doubt", (sale) => {
    const { worstMs, p95Ms, tillSales, reads } = playFlashSale({ seed: 1, ...sale });
    expect(worstMs).toBeLessThan(2_000);
    expect(p95Ms).toBeLessThan(1_200);
    expect(reads).toBeLessThanOrEqual(30); // one in two seconds
    expect(tillSales).toBe(60_000 / sale.tillEveryMs);
  });
});
