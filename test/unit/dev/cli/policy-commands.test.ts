/** What the commands of channels and listings ask of the API. */
import { describe, expect, it } from "vitest";
import { sayCommand } from "../../../support/cli/say-command.ts";

async function say(words: string, flags: Record<string, unknown>, ...answers: readonly unknown[]) {
  const { calls, text } = await sayCommand(words.split(" "), flags, (n) => answers[n] ?? answers.at(-1));
  return { calls: calls.map((call) => call.filter((part) => part !== undefined)), text };
}
const rules = { channel: "market", rules: { isStopped: false, cap: 5 }, counters: 9, learnt: 4 };

describe("onhand channel", () => {
  it("stops and resumes one SKU in one channel", async () => {
    expect((await say("channel stop CUP/1 a.myshopify.com", {}, {})).calls).toEqual([
      ["POST", "/v1/inventory/CUP%2F1/channels/a.myshopify.com/stop"],
    ]);
    const { calls, text } = await say("channel resume CUP market", {}, {});
    expect(calls).toEqual([["POST", "/v1/inventory/CUP/channels/market/resume"]]);
    expect(text).toBe("CUP at market: sold again, within its rules.");
  });

  it("sets rules of its own, a buffer in units or percent, and clears them", async () => {
    const set = await say("channel set CUP market", { buffer: "10%", "zero-below": "3", cap: "50" }, {});
    expect(set.calls).toEqual([
      [
        "PUT",
        "/v1/inventory/CUP/channels/market",
        { buffer: { kind: "percentage", percent: 10 }, zeroBelow: 3, cap: 50 },
      ],
    ]);
    expect((await say("channel set CUP market", { buffer: "7" }, {})).calls[0]?.[2]).toEqual({
      buffer: { kind: "fixed", units: 7 },
    });
    expect((await say("channel clear CUP market", {}, {})).calls).toEqual([
      ["DELETE", "/v1/inventory/CUP/channels/market"],
    ]);
  });

  it("rules shows a channel's defaults and how far they are, sets them, and takes them back", async () => {
    const shown = await say("channel rules market", {}, rules);
    expect(shown.calls).toEqual([["GET", "/v1/channels/market/rules"]]);
    expect(shown.text).toContain("4 of 9 SKUs have learnt them.");
    expect((await say("channel rules market", { cap: "5" }, rules)).calls).toEqual([
      ["PUT", "/v1/channels/market/rules", { cap: 5 }],
    ]);
    expect((await say("channel rules market", { clear: true }, rules)).calls).toEqual([
      ["DELETE", "/v1/channels/market/rules"],
    ]);
  });

  it.each([
    ["channel set CUP market", {}, "Say what to set"],
    ["channel set CUP market", { buffer: "x%" }, '"x" is no number'],
    ["channel rules market", { cap: "5", clear: true }, "say one of them"],
    ["channel stop CUP", {}, "Name a SKU and a channel"],
  ])("%s with %j is refused before anybody is asked", async (words, flags, message) => {
    await expect(say(words, flags, {})).rejects.toThrow(message);
  });
});

describe("onhand listings", () => {
  it("report reads every page of what is not counted", async () => {
    const listing = {
      variantId: "2",
      inventoryItemId: "3",
      sku: "",
      title: "Cup",
      status: "blank_sku",
      countedAs: null,
    };
    const page = (next: string | null) => ({
      listings: [{ ...listing, sharesSkuWith: [] }],
      next,
      counts: { active: 8, blank_sku: 2 },
    });
    const { calls, text } = await say("listings report", {}, page("2"), page(null));
    expect(calls.map(([, path]) => path)).toEqual([
      "/v1/shops/a.myshopify.com/listings?status=unmapped&limit=200",
      "/v1/shops/a.myshopify.com/listings?status=unmapped&limit=200&after=2",
    ]);
    expect(text).toContain("8 active, 2 blank_sku.");
    expect(text).toContain("(none)");
  });

  it("attach tells the first push of each level before it is done", async () => {
    const attached = [{ locationId: "11", connection: "mirror", level: 4, ours: 10, delta: 6 }];
    const answer = { attached, unknownLocations: ["99"] };
    const { calls, text } = await say("listings attach 5 CUP", { "dry-run": true }, answer);
    expect(calls).toEqual([["POST", "/v1/shops/a.myshopify.com/listings/5/attach?dryRun=true", { sku: "CUP" }]]);
    expect(text).toContain("Nothing was changed");
    expect(text).toContain("mirror");
    expect(text).toContain("Location 99 is not imported");
  });
});
