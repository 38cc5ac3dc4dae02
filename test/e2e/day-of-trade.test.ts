/** A day of trade, as a merchant has it: two shops sharing a stock, a till, a marketplace, a warehouse; and who is told of it. */
import { expect, it } from "vitest";
import { runNpm } from "./support/run-npm.ts";

it("ends with every channel in agreement, every unit accounted for and every piece of news told once", async () => {
  const { code, output } = await runNpm(["start", "--silent", "--", "--once", "--shops", "2"]);
  expect(output, output).toContain("VERDICT: clean. Every channel agrees, every unit is accounted for.");
  expect(code).toBe(0);
  for (const check of [
    "orders in the second shop",
    "orders at the marketplace",
    "receipts at the till",
    "units shipped by the warehouse",
    "counts that wait for a person",
    "goods that ran low, asked for once, and received",
    "channels' signatures",
    "notifications told",
  ])
    expect(output, output).toContain(check);
});
