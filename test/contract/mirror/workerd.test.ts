/**
 * The mirror in workerd: its fetch, its signals and its errors are not Node's, and the client's options (keepalive, cache,
 * a signal by function) must suit them.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createTestHarness } from "wrangler";
import { startUpstashGateway, type UpstashGateway } from "../../../dev/upstash-gateway/gateway.ts";
import { levelsView } from "./levels-view-builder.ts";
import type { MirrorCall } from "./mirror-worker.ts";

const SKU = "TSHIRT-é{}-M";

describe("the mirror in workerd", () => {
  const worker = createTestHarness({
    workers: [
      {
        config: {
          name: "mirror-test",
          main: new URL("./mirror-worker.ts", import.meta.url).pathname,
          compatibility_date: "2026-10-30",
        },
      },
    ],
  });
  let gateway: UpstashGateway;
  beforeAll(async () => {
    gateway = await startUpstashGateway({ token: "test-token" });
    await worker.listen();
  });
  afterAll(async () => {
    await worker.close();
    await gateway.close();
  });
  beforeEach(async () => {
    gateway.faults.clear();
    await gateway.command("FLUSHALL");
  });

  const call = async (what: Partial<MirrorCall>): Promise<{ answer: unknown; faults: unknown[]; tookMs: number }> => {
    const startedMs = performance.now();
    const { url, token } = gateway;
    const body = JSON.stringify({ url, token, call: "read", sku: SKU, version: 1, ...what });
    const response = await worker.fetch("/", { method: "POST", body });
    const tookMs = performance.now() - startedMs;
    return { ...((await response.json()) as { answer: unknown; faults: unknown[] }), tookMs };
  };

  it("writes, reads, refuses what is older, and forgets", async () => {
    expect(await call({ call: "write", version: 5 })).toMatchObject({
      answer: { kind: "written", written: 1, stale: 0 },
    });
    expect(await call({ call: "write", version: 4 })).toMatchObject({
      answer: { kind: "written", written: 0, stale: 1 },
    });
    expect(await call({ call: "read" })).toMatchObject({ answer: [levelsView({ sku: SKU, version: 5 })], faults: [] });
    expect(await call({ call: "invalidate" })).toMatchObject({ faults: [] });
    expect(await call({ call: "read" })).toMatchObject({ answer: [] });
    expect(await call({ call: "ping" })).toMatchObject({ answer: "ok" });
  });

  for (const at of ["headers", "body"] as const) {
    it(`ends each call at its limit when Redis hangs (${at})`, async () => {
      await call({});
      gateway.faults.set({ failure: { kind: "hang", at } });
      for (const [name, limitMs] of [
        ["read", 150],
        ["write", 1_000],
        ["invalidate", 50],
        ["ping", 150],
      ] as const) {
        const { faults, tookMs } = await call({ call: name });
        expect(faults).toEqual([{ operation: name, reason: "timeout", code: null }]);
        expect(tookMs).toBeGreaterThanOrEqual(limitMs - 5);
        expect(tookMs).toBeLessThan(limitMs + 800);
      }
    });
  }

  it("survives a broken connection, an error and garbage, and tells them apart", async () => {
    // Locally the runtime puts a proxy before the outside: its own error page may stand for the broken connection.
    const broken = { answer: { kind: "unavailable", reason: expect.stringMatching(/^(?:network|bad_reply)$/) } };
    gateway.faults.set({ failure: { kind: "refuse", applied: false } });
    expect(await call({})).toMatchObject(broken);
    expect(await call({ url: "http://127.0.0.1:9" })).toMatchObject(broken);
    gateway.faults.set({ failure: { kind: "status", status: 503, error: "ERR overloaded" } });
    expect(await call({})).toMatchObject({ answer: { kind: "unavailable", reason: "refused" } });
    gateway.faults.set({ failure: { kind: "garbled" } });
    expect(await call({})).toMatchObject({ answer: { kind: "unavailable", reason: "bad_reply" } });
  });
});
