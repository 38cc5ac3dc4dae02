import { expect, it } from "vitest";
import { hasGate, isTold } from "../../../../src/domain/channel/channel.ts";

const sandbox = { direction: "both", state: "active", endpoint: "https://connect.squareupsandbox.com" } as const;

it("tells nothing in our own format to who does not speak it, and hears of differences by a gate", () => {
  expect([isTold({ ...sandbox, adapter: "square" }), hasGate({ adapter: "square" })]).toEqual([false, true]);
  expect([isTold({ ...sandbox, adapter: "shopify" }), hasGate({ adapter: "shopify" })]).toEqual([false, true]);
  expect([isTold({ ...sandbox, adapter: "onhand" }), hasGate({ adapter: "onhand" })]).toEqual([true, false]);
});
