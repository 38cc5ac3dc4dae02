/** What the commands of reservations and bundles ask of the API. */
import { describe, expect, it } from "vitest";
import { sayCommand } from "../../../support/cli/say-command.ts";

const say = (words: string, flags: Record<string, unknown>, answer: unknown) =>
  sayCommand(words.split(" "), flags, () => answer);

const reservation = {
  ...{ id: "rsv_1", status: "open", settled: true, expiresAt: "2026-11-27T12:00:00.000Z", reference: null },
  lines: [{ sku: "CUP", quantity: 2 }],
  holds: [{ sku: "CUP", locationId: "11", quantity: 2 }],
};

describe("onhand reserve", () => {
  it("sends lines, places and a key, and shows where they are held", async () => {
    const flags = { ttl: "60", reference: "cart 7", key: "k-1" };
    const { calls, text } = await say("reserve CUP=2 A=B=3@11", flags, reservation);
    const lines = [
      { sku: "CUP", quantity: 2 },
      { sku: "A=B", quantity: 3, locationId: "11" },
    ];
    expect(calls).toEqual([
      ["POST", "/v1/reservations", { lines, ttlSeconds: 60, reference: "cart 7" }, { "idempotency-key": "k-1" }],
    ]);
    expect(text).toContain("rsv_1: open, until 2026-11-27T12:00:00.000Z");
    expect(text).toMatch(/CUP +2 +– +11: 2/);
  });

  it("only tries with --dry-run, and makes a key of its own when none is named", async () => {
    const { calls } = await say("reserve CUP=1", { "dry-run": true }, reservation);
    expect(calls[0]?.[1]).toBe("/v1/reservations?dryRun=true");
    expect(calls[0]?.[3]).toEqual({ "idempotency-key": expect.stringMatching(/^[0-9a-f-]{36}$/) });
  });

  it.each([["reserve CUP"], ["reserve CUP=x"], ["reserve =1"]])("refuses %j before it asks anybody", async (words) => {
    await expect(say(words, {}, reservation)).rejects.toThrow("is no line");
    await expect(say("reserve CUP=1", { ttl: "1h" }, reservation)).rejects.toThrow("is no number of seconds");
  });
});

describe("onhand reservation", () => {
  it("commits all, or the part that is named; releases, extends, shows", async () => {
    const asked = async (words: string, flags = {}) => (await say(words, flags, reservation)).calls[0];
    expect(await asked("reservation commit rsv_1")).toEqual(["POST", "/v1/reservations/rsv_1/commit", {}]);
    const lines = [{ sku: "CUP", quantity: 1 }];
    expect(await asked("reservation commit rsv_1 CUP=1")).toEqual(["POST", "/v1/reservations/rsv_1/commit", { lines }]);
    expect(await asked("reservation release rsv_1")).toEqual(["POST", "/v1/reservations/rsv_1/release", {}]);
    const longer = ["POST", "/v1/reservations/rsv_1/extend", { ttlSeconds: 30 }];
    expect(await asked("reservation extend rsv_1", { ttl: "30" })).toEqual(longer);
    expect(await asked("reservation show rsv_1")).toEqual(["GET", "/v1/reservations/rsv_1"]);
    await expect(say("reservation show", {}, reservation)).rejects.toThrow("Name a reservation's id");
  });
});

describe("onhand bundles", () => {
  it("puts, shows, lists and deletes them", async () => {
    const components = [{ sku: "CUP", quantity: 2 }];
    const bundle = { sku: "SET", revision: 0, components, takes: components, effectiveWithinSeconds: 60 };
    const put = await say("bundles put SET CUP=2", {}, bundle);
    expect(put.calls).toEqual([["PUT", "/v1/bundles/SET", { components }]]);
    expect(put.text).toBe("SET is made of 2 × CUP. In effect within 60 s.");
    expect((await say("bundles show SET", {}, bundle)).text).toContain("Takes 2 × CUP from stock.");
    expect((await say("bundles list", {}, { bundles: [bundle], next: null })).text).toMatch(/SET +0 +2 × CUP/);
    expect((await say("bundles delete SET", {}, bundle)).calls).toEqual([["DELETE", "/v1/bundles/SET"]]);
    await expect(say("bundles put SET CUP=2@11", {}, bundle)).rejects.toThrow("A component has no location");
  });
});
