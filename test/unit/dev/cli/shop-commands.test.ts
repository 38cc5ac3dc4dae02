/** What the commands of a shop ask of the API, page by page. */
import { describe, expect, it } from "vitest";
import { sayCommand } from "../../../support/cli/say-command.ts";

const say = (
  words: string,
  flags: Record<string, unknown>,
  answers: readonly unknown[],
  args: readonly string[] = [],
) => sayCommand([...words.split(" "), ...args], { json: true, ...flags }, (n) => answers[n], "b.myshopify.com");

describe("onhand shop connect", () => {
  const push = { sku: "CUP", shopLocation: "33", locationId: "11", connection: "mirror", level: 4, ours: 10, delta: 6 };
  const page = (nextCursor: string | null) => ({ nextCursor, counts: { items: 1 }, findings: [], firstPushes: [push] });

  it("shows each first push of every page, and says that a dry run changed nothing", async () => {
    const { calls, text } = await say("shop connect", { mode: "mirror", "dry-run": true }, [page("next"), page(null)]);
    const path = "/v1/shops/b.myshopify.com/import";
    expect(calls).toEqual([
      ["POST", path, { cursor: null, mode: "mirror", dryRun: true }],
      ["POST", path, { cursor: "next", mode: "mirror", dryRun: true }],
    ]);
    expect(text).toContain("2 levels would be connected anew");
    expect(text).toContain("+6");
    expect(text).toContain("Nothing was changed");
  });

  it("wants to be told how", async () => {
    await expect(say("shop connect", {}, [])).rejects.toThrow("--mode adopt");
  });
});

describe("onhand shop disconnect", () => {
  it("goes on until the last page, and lists whose units become ours", async () => {
    const folded = [{ sku: "CUP", locationId: "11", units: 10 }];
    const pages = [
      { nextCursor: "9", listings: 100, folded },
      { nextCursor: null, listings: 3, folded: [] },
    ];
    const { calls, text } = await say("shop disconnect", {}, pages);
    expect(calls.map(([, , body]) => body)).toEqual([
      { cursor: null, dryRun: false },
      { cursor: "9", dryRun: false },
    ]);
    expect(text).toContain("103 listings have left");
    expect(text).toContain("CUP");
  });
});

describe("onhand shop locations", () => {
  it("maps theirs to ours, and refuses what is no pair before it asks anybody", async () => {
    const { calls } = await say("shop locations", {}, [{}], ["33=11", "34=12"]);
    expect(calls).toEqual([
      [
        "PUT",
        "/v1/shops/b.myshopify.com/locations",
        {
          locations: [
            { shopLocationId: "33", locationId: "11" },
            { shopLocationId: "34", locationId: "12" },
          ],
        },
      ],
    ]);
    await expect(say("shop locations", {}, [], ["33"])).rejects.toThrow("THEIRS=OURS");
  });
});
