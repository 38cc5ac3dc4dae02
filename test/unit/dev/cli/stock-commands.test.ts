import { describe, expect, it } from "vitest";
import { sayCommand } from "../../../support/cli/say-command.ts";

const say = (words: string, flags: Record<string, unknown> = {}, answer: unknown = {}) =>
  sayCommand(words.split(" "), flags, () => answer);
const call = async (words: string, flags: Record<string, unknown> = {}, answer: unknown = {}) =>
  (await say(words, flags, answer)).calls[0];

describe("onhand thresholds", () => {
  it("shows and sets those of a SKU, or of all others", async () => {
    expect(await call("thresholds")).toEqual(["GET", "/v1/thresholds"]);
    expect(await call("thresholds TEE")).toEqual(["GET", "/v1/inventory/TEE/thresholds"]);
    expect(await call("thresholds TEE", { low: "5", back: "8" })).toEqual([
      "PUT",
      "/v1/inventory/TEE/thresholds",
      { inAll: { lowAt: 5, backAt: 8 } },
    ]);
    expect(await call("thresholds", { low: "3" })).toEqual(["PUT", "/v1/thresholds", { inAll: { lowAt: 3 } }]);
    expect(await call("thresholds TEE", { clear: true })).toEqual(["DELETE", "/v1/inventory/TEE/thresholds"]);
    await expect(say("thresholds", { clear: true })).rejects.toThrow("Name the SKU");
    await expect(say("thresholds", { low: "few" })).rejects.toThrow("--low");
  });
});

describe("onhand reorder-rule", () => {
  it("shows, sets and takes back the rule of a SKU, or of all others", async () => {
    expect(await call("reorder-rule TEE")).toEqual(["GET", "/v1/inventory/TEE/reorder-rule"]);
    expect(await call("reorder-rule TEE", { point: "6", quantity: "24", lead: "2" })).toEqual([
      "PUT",
      "/v1/inventory/TEE/reorder-rule",
      { rule: { when: { kind: "point", point: 6, quantity: 24 }, leadDays: 2 } },
    ]);
    expect((await call("reorder-rule", { cover: "30" }))?.[2]).toEqual({
      rule: { when: { kind: "cover", coverDays: 30 } },
    });
    expect((await call("reorder-rule", { clear: true }))?.[2]).toEqual({ rule: null });
    await expect(say("reorder-rule TEE", { point: "6" })).rejects.toThrow("--quantity");
  });
});

describe("onhand reorders", () => {
  const reorder = {
    ...{ id: "ro_1", sku: "TEE", state: "open", quantity: 24, received: 8, reason: "at its point" },
    requestedAt: "2026-11-28T09:00:00.000Z",
  };
  it("lists what is on order, asks for more by hand, and cancels with a reason", async () => {
    expect((await say("reorders", { status: "open", sku: ["TEE"] }, { reorders: [reorder] })).text).toContain(
      "8 of 24",
    );
    expect(await call("reorders", { status: "open", sku: ["TEE"] }, { reorders: [] })).toEqual([
      "GET",
      "/v1/reorders?state=open&sku=TEE",
    ]);
    expect((await call("reorders ask TEE", { quantity: "5", reason: "a fair" }, reorder))?.[2]).toEqual({
      quantity: 5,
      reason: "a fair",
    });
    expect(await call("reorders cancel ro_1", { reason: "sold off" })).toEqual([
      "POST",
      "/v1/reorders/ro_1/cancel",
      { reason: "sold off" },
    ]);
    await expect(say("reorders cancel ro_1")).rejects.toThrow("--reason");
    await expect(say("reorders ask TEE")).rejects.toThrow("--quantity");
  });
});

describe("onhand counts", () => {
  const count = {
    ...{ id: "cf_1", sku: "TEE", kind: "approval", state: "held", locationId: "1", counted: 90, ours: 50 },
    ...{ difference: 40, actor: "wms-main", countedAt: "2026-11-28T09:00:00.000Z" },
  };
  it("shows those that wait, and decides one with a reason", async () => {
    const { calls, text } = await say("counts", {}, { counts: [count] });
    expect(calls[0]?.[1]).toBe("/v1/counts?state=held");
    expect(text).toContain("+40");
    expect((await say("counts", {}, { counts: [] })).text).toBe("No count waits.");
    const booked = await say("counts approve cf_1", { reason: "counted twice" }, { state: "booked", delta: -3 });
    expect([booked.calls[0], booked.text]).toEqual([
      ["POST", "/v1/counts/cf_1/approve", { reason: "counted twice" }],
      "cf_1 is booked, -3 units.",
    ]);
    expect((await say("counts reject cf_1", { reason: "a slip" }, { state: "rejected", delta: null })).text).toBe(
      "cf_1 is rejected.",
    );
    await expect(say("counts approve cf_1")).rejects.toThrow("--reason");
  });
});
