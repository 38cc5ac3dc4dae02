/** A till that keeps its own stock, from the command line: its credentials, its connection. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, describe, expect, it } from "vitest";
import { sayCommand } from "../../../support/cli/say-command.ts";

const folder = mkdtempSync(join(tmpdir(), "onhand-cli-"));
afterAll(() => rmSync(folder, { recursive: true }));
const say = (words: readonly string[], flags: Record<string, unknown>, answers: readonly unknown[]) =>
  sayCommand(words, { json: true, ...flags }, (n) => answers[n]);

describe("onhand channels credentials", () => {
  it("lists names, and no values", async () => {
    const shown = { secrets: { credentials: [{ name: "access_token", createdAt: "2026-11-28T00:00:00Z" }] } };
    const { calls, text } = await say(["channels", "credentials", "till"], {}, [shown]);
    expect(calls).toEqual([["GET", "/v1/channels/till"]]);
    expect(text).toContain("access_token");
    const none = await say(["channels", "credentials", "till"], {}, [{ secrets: { credentials: [] } }]);
    expect(none.text).toBe("It has no credentials.");
  });

  it("stores one from a file, without the newline at its end, and says no more than its name", async () => {
    const file = join(folder, "token");
    writeFileSync(file, "token-of-the-till\n");
    const { calls, text } = await say(["channels", "credentials", "till", "access_token", file], {}, [{}]);
    const path = "/v1/channels/till/credentials/access_token";
    expect(calls).toEqual([["PUT", path, { value: "token-of-the-till" }]]);
    expect(text).toBe("access_token of till is stored.");
    const gone = await say(["channels", "credentials", "till", "access_token"], { clear: true }, [{}]);
    expect(gone.calls).toEqual([["DELETE", path]]);
  });

  it("refuses an empty value, a file that is not there, and no channel at all", async () => {
    const empty = join(folder, "empty");
    writeFileSync(empty, "\n");
    await expect(say(["channels", "credentials", "till", "access_token", empty], {}, [])).rejects.toThrow("empty");
    await expect(say(["channels", "credentials", "till", "x", "/nowhere"], {}, [])).rejects.toThrow("ENOENT");
    await expect(say(["channels", "credentials"], {}, [])).rejects.toThrow("Name the channel");
  });

  it("takes the value from stdin when no file is named", async () => {
    const heard: string[] = [];
    const api = createServer(async (request, response) => {
      const parts: Buffer[] = [];
      for await (const part of request) parts.push(part as Buffer);
      heard.push(`${request.method} ${request.url} ${Buffer.concat(parts)}`);
      response.writeHead(200, { "content-type": "application/json" }).end("{}");
    });
    await new Promise<void>((resolve) => api.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(api.address() as AddressInfo).port}`;
    const words = ["channels", "credentials", "till", "signature_key", "--url", url, "--token", "t"];
    const cli = spawn(process.execPath, ["dev/cli/onhand.ts", ...words], { stdio: ["pipe", "ignore", "ignore"] });
    // Whoever makes the value takes a while, and tells it in pieces.
    await sleep(400);
    cli.stdin.write("key-of-");
    await sleep(100);
    cli.stdin.end("the-subscription\n");
    const code = await new Promise((resolve) => cli.on("close", resolve));
    api.close();
    expect(code).toBe(0);
    expect(heard).toEqual(['PUT /v1/channels/till/credentials/signature_key {"value":"key-of-the-subscription"}']);
  });
});

describe("onhand channels connect", () => {
  const push = { sku: "CUP", shopLocation: "P1", locationId: "11", connection: "mirror", level: 4, ours: 10, delta: 6 };
  const page = (nextCursor: string | null, findings: readonly unknown[] = []) => ({
    ...{ nextCursor, counts: { items: 2 }, findings, firstPushes: [push] },
  });

  it("goes through all pages, shows each first push, and says that a dry run changed nothing", async () => {
    const finding = { kind: "no_levels", sku: "TEE", detail: "it was never counted there" };
    const { calls, text } = await say(["channels", "connect", "till"], { mode: "mirror", "dry-run": true }, [
      page("next"),
      page(null, [finding]),
    ]);
    const path = "/v1/channels/till/connect";
    expect(calls).toEqual([
      ["POST", path, { cursor: null, mode: "mirror", dryRun: true }],
      ["POST", path, { cursor: "next", mode: "mirror", dryRun: true }],
    ]);
    expect(text).toContain("4 items; 2 levels would be connected anew");
    expect(text).toMatch(/THEIRS +OURS +FIRST PUSH\n *CUP +P1 = 11 +mirror +4 +10 +\+6/);
    expect(text).toContain("it was never counted there");
    expect(text).toContain("Nothing was changed");
  });

  it("leaves the mode to what it was, unless one is said", async () => {
    const { calls } = await say(["channels", "connect", "till"], {}, [page(null)]);
    expect(calls[0]?.[2]).toEqual({ cursor: null, dryRun: false });
    await expect(say(["channels", "connect", "till"], { mode: "odd" }, [])).rejects.toThrow("--mode adopt");
    await expect(say(["channels", "connect"], {}, [])).rejects.toThrow("Name the channel");
  });
});

describe("onhand channels disconnect", () => {
  it("goes on until the last page, and lists whose units become ours", async () => {
    const pages = [
      { nextCursor: "9", listings: 100, folded: [{ sku: "CUP", locationId: "11", units: 10 }] },
      { nextCursor: null, listings: 3, folded: [] },
    ];
    const { calls, text } = await say(["channels", "disconnect", "till"], {}, pages);
    expect(calls.map(([, path, body]) => [path, body])).toEqual([
      ["/v1/channels/till/disconnect", { cursor: null, dryRun: false }],
      ["/v1/channels/till/disconnect", { cursor: "9", dryRun: false }],
    ]);
    expect(text).toContain("103 listings have left; their units are ours. Nothing more is sent to till.");
  });
});
