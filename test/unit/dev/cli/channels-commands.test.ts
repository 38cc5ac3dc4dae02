import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { sayCommand } from "../../../support/cli/say-command.ts";

const folder = mkdtempSync(join(tmpdir(), "onhand-cli-"));
afterAll(() => rmSync(folder, { recursive: true }));
const fileOf = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
const say = (words: readonly string[], flags: Record<string, unknown>, answer: unknown) =>
  sayCommand(words, flags, () => answer);
const WMS = {
  ...{ id: "wms-main", type: "wms", adapter: "onhand", name: "Warehouse", direction: "both", state: "paused" },
  ...{ stateReason: "its receiver answered 410 Gone", readOnly: true, endpoint: "https://wms.example.com/" },
  outbound: { orders: ["*"] },
};

describe("onhand channels", () => {
  it("lists them, with why one is paused, and the shops of the environment", async () => {
    const { text } = await say(["channels"], {}, { channels: [WMS], environmentShops: ["a.myshopify.com"] });
    expect(text).toContain("paused: its receiver answered 410 Gone, read-only");
    expect(text).toContain("Shops of SHOPIFY_SHOPS: a.myshopify.com.");
    expect((await say(["channels"], {}, { channels: [], environmentShops: [] })).text).toBe("There are no channels.");
  });

  it("puts one from a file, and shows its secret", async () => {
    const file = fileOf("wms.json", '{"type":"wms"}');
    const { calls, text } = await say(["channels", "put", "wms-main", file], {}, { ...WMS, secret: "whsec_x" });
    expect(calls).toEqual([["PUT", "/v1/channels/wms-main", { type: "wms" }]]);
    expect(text).toContain("whsec_x");
    const inForceAt = "2026-11-28T12:00:10.000Z";
    const told = await say(["channels", "put", "wms-main", file], {}, { ...WMS, inForceAt });
    expect(told.text).toBe(
      `wms-main is put.\nIt is told of orders that come from now on.\nIn force everywhere from ${inForceAt} on.`,
    );
    const quiet = { ...WMS, inForceAt, outbound: { orders: [] } };
    expect((await say(["channels", "put", "wms-main", file], {}, quiet)).text).not.toContain("orders");
    const dry = await say(["channels", "put", "wms-main", file], { "dry-run": true }, WMS);
    expect([dry.calls[0]?.[1], dry.text]).toEqual(["/v1/channels/wms-main?dryRun=true", "wms-main would be put."]);
  });

  it.each([
    [["channels", "put", "wms-main"], /JSON file/],
    [["channels", "put", "wms-main", "/nowhere.json"], /ENOENT/],
    [["channels", "put", "wms-main", fileOf("broken.json", "{")], /JSON/],
    [["channels", "map", "wms-main"], /CSV file/],
    [["channels", "map", "wms-main", fileOf("broken.csv", "B0-1 TEE\n")], /no item and SKU/],
    [["channels", "health"], /Name the channel/],
  ])("says how it is said: %j", async (words, message) => {
    await expect(say(words, {}, {})).rejects.toThrow(message);
  });

  it("maps items from a CSV with or without heading, and tells which rows were not", async () => {
    const file = fileOf("items.csv", 'itemId,sku\r\nB0-1,TEE-M\r\n"B0-2","TEE ""L"", red"\r\n\r\n');
    const answer = { mapped: 1, errors: [{ itemId: "B0-2", sku: 'TEE "L", red', reason: "unknown SKU" }] };
    const { calls, text, code } = await say(["channels", "map", "market", file], {}, answer);
    expect(calls[0]?.[2]).toEqual({
      listings: [
        { itemId: "B0-1", sku: "TEE-M" },
        { itemId: "B0-2", sku: 'TEE "L", red' },
      ],
    });
    expect([text.includes("unknown SKU"), code]).toEqual([true, 1]);
    const bare = await say(
      ["channels", "map", "market", fileOf("bare.csv", "B0-1,TEE-M\n")],
      {},
      { mapped: 1, errors: [] },
    );
    expect(bare.calls[0]?.[2]).toEqual({ listings: [{ itemId: "B0-1", sku: "TEE-M" }] });
  });

  it("fails when a test was not taken, or a channel fails", async () => {
    const taken = { ok: true, status: 204, ms: 9, reply: null, reason: null };
    expect(await say(["channels", "test", "wms-main"], {}, taken)).toMatchObject({
      text: "Taken: 204 in 9 ms.",
      code: 0,
    });
    const refused = { ok: false, status: 404, ms: 9, reply: "no such path", reason: "the receiver answered 404" };
    expect(await say(["channels", "test", "wms-main"], {}, refused)).toMatchObject({
      text: 'Not taken: the receiver answered 404 in 9 ms: "no such path".',
      code: 1,
    });
    const held = { ok: false, status: null, ms: 0, reply: null, reason: "the breaker holds it: HTTP_503" };
    expect((await say(["channels", "test", "w"], {}, held)).text).toBe("Not taken: the breaker holds it: HTTP_503.");
    const health = { verdict: "failing", reasons: ["its breaker is open"], waitingDeadLetters: 2 };
    const { text, code } = await say(["channels", "health", "wms-main"], {}, health);
    expect([text, code]).toEqual(["wms-main is failing.\n- its breaker is open\n- 2 dead letters wait", 1]);
  });

  it("rotates, pauses, resumes, and lists what it was told", async () => {
    const at = "2026-11-29T00:00:00.000Z";
    expect((await say(["channels", "rotate", "w"], {}, { secret: "whsec_y", previousRetiresAt: at })).text).toContain(
      at,
    );
    expect((await say(["channels", "pause", "w"], { reason: "stocktake" }, WMS)).calls[0]?.[2]).toEqual({
      reason: "stocktake",
    });
    expect((await say(["channels", "resume", "w"], {}, WMS)).calls[0]?.[1]).toBe("/v1/channels/w/resume");
    const attempt = { at, outcome: "failed", reason: "HTTP_503", status: 503, reply: "closed", ms: 31 };
    const document = { id: "d1", type: "order.fulfilment", subject: "a/1", version: 2, state: "waiting" };
    const documents = [
      { ...document, attempts: [attempt] },
      { ...document, id: "d2", attempts: [] },
    ];
    const { text } = await say(["channels", "documents", "w"], {}, { documents });
    expect(text.split("\n").slice(1)).toEqual([
      `d1  order.fulfilment  a/1          2  waiting  ${at} failed: HTTP_503 in 31 ms: "closed"`,
      "d2  order.fulfilment  a/1          2  waiting",
    ]);
    expect((await say(["channels", "documents", "w"], {}, { documents: [] })).text).toBe("It was told no documents.");
  });
});
