/** What the gate's commands ask of the API. */
import { describe, expect, it } from "vitest";
import { findCommand } from "../../../../dev/cli/commands.ts";
import { sayCommand } from "../../../support/cli/say-command.ts";

const say = (words: string, flags: Record<string, unknown>, answer: unknown, args: readonly string[] = []) =>
  sayCommand([...words.split(" "), ...args], flags, () => answer);
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

describe("onhand", () => {
  it.each([
    [{ "read-only": true, writable: true }, "say one of them"],
    [{ stop: true, go: true }, "say one of them"],
    [{ "delta-max": "abc" }, '"abc" is no number of units'],
    [{ "delta-max": "" }, '"" is no number of units'],
    [{}, "Say what to set"],
  ])("gate set refuses %j before it asks anybody", async (flags, message) => {
    await expect(say("gate set", flags, status)).rejects.toThrow(message);
  });

  it("refuses words that a command has no use for, and commands that are none", () => {
    expect(() => findCommand(["import", "foo"])).toThrow('"import" takes no "foo"');
    expect(() => findCommand(["gate", "set", "now"])).toThrow('"gate set" takes no "now"');
    expect(() => findCommand(["movements", "A", "B"])).toThrow('"movements" takes no "B"');
    expect(() => findCommand(["gate"])).toThrow('There is no command "gate"');
    expect(findCommand(["levels", "A", "B"]).args).toEqual(["A", "B"]);
  });

  it("levels of SKUs that nobody knows are no table, and no success", async () => {
    const answer = { items: [], missing: ["NOPE"], unavailable: [] };
    const { text, code } = await say("levels", {}, answer, ["NOPE"]);
    expect([text, code]).toEqual(["Unknown: NOPE", 1]);
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
