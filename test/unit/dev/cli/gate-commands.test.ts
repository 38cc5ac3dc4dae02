/** What the gate's commands ask of the API. */
import { describe, expect, it } from "vitest";
import type { OnhandClient } from "../../../../dev/cli/client.ts";
import { COMMANDS } from "../../../../dev/cli/commands.ts";

type Call = readonly [method: string, path: string, body?: unknown];

async function say(words: string, flags: Record<string, unknown>, answer: unknown, args: readonly string[] = []) {
  const calls: Call[] = [];
  const client: OnhandClient = {
    url: "https://onhand.test",
    call: async <Answer>(...given: readonly [string, string, unknown?]) => {
      calls.push(given);
      return answer as Answer;
    },
  };
  const command = COMMANDS.get(words);
  if (command === undefined) throw new Error(`no command ${words}`);
  const { text } = await command({ client, shop: () => "a.myshopify.com", flags, args });
  return { calls, text };
}
const status = { settings: { stopped: true }, pausedReason: "stopped" };

describe("onhand gate", () => {
  it("stop --all stops every shop, and shows each one's answer", async () => {
    const { calls, text } = await say("gate stop", { all: true }, { shops: [{ shop: "a.myshopify.com", status }] });
    expect(calls).toEqual([["PATCH", "/v1/gate", { stopped: true }]]);
    expect(text).toContain("a.myshopify.com");
    expect(text).toContain("stopped");
  });

  it("set --all sets the same for every shop, and without it for the one that is named", async () => {
    const flags = { go: true, "delta-max": "5" };
    const all = await say("gate set", { ...flags, all: true }, { shops: [] });
    expect(all.calls).toEqual([["PATCH", "/v1/gate", { stopped: false, deltaMax: 5 }]]);
    const one = await say("gate set", flags, status);
    expect(one.calls).toEqual([["PATCH", "/v1/shops/a.myshopify.com/gate", { stopped: false, deltaMax: 5 }]]);
  });

  it("go and resume end a stop and a pause of the shop that is named", async () => {
    expect((await say("gate go", {}, status)).calls).toEqual([
      ["PATCH", "/v1/shops/a.myshopify.com/gate", { stopped: false }],
    ]);
    const resumed = await say("gate resume", {}, { pausedReason: null });
    expect(resumed.calls).toEqual([["POST", "/v1/shops/a.myshopify.com/gate/resume"]]);
    expect(resumed.text).toBe("The gate tries again.");
  });
});

describe("onhand listings release", () => {
  it("names item and SKU to the API, and says what follows", async () => {
    const args = ["123", "A-1"];
    const { calls, text } = await say("listings release", {}, { released: "former_sku" }, args);
    expect(calls).toEqual([["POST", "/v1/shops/a.myshopify.com/listings/123/release", { sku: "A-1" }]]);
    expect(text).toContain("The next import may give A-1 to another item.");
    await expect(say("listings release", {}, {}, ["123"])).rejects.toThrow("Name the inventory item");
  });
});
