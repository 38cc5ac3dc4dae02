import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "@upstash/redis/cloudflare";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Engine } from "../../../dev/upstash-gateway/engine.ts";
import { startUpstashGateway, type UpstashGateway } from "../../../dev/upstash-gateway/gateway.ts";
import { startRedisServerEngine } from "../../../dev/upstash-gateway/redis-server-engine.ts";
import { findRedisServer } from "../../../dev/upstash-gateway/redis-server-process.ts";
import { describeOnEachEngine, redisServerTitle, skipsRedisServer } from "./each-engine.ts";

const TIMEOUT_MS = 100;
/** Where the limit is not the subject: a busy machine may take its time. */
const AMPLE_MS = 10_000;

function clientOf({ url, token }: UpstashGateway, retries = 0, timeoutMs = AMPLE_MS): Redis {
  return new Redis({
    url,
    token,
    retry: { retries, backoff: () => 1 },
    signal: () => AbortSignal.timeout(timeoutMs),
    enableTelemetry: false,
    enableAutoPipelining: false,
    automaticDeserialization: false,
  });
}

describeOnEachEngine("faults on demand", (gateway) => {
  afterEach(() => gateway().faults.clear());

  for (const at of ["headers", "body"] as const) {
    it(`hangs (${at}) until the client gives up, and answers again once the fault is lifted`, async () => {
      gateway().faults.set({ failure: { kind: "hang", at } });
      const startedMs = performance.now();
      await expect(clientOf(gateway(), 0, TIMEOUT_MS).get("k")).rejects.toMatchObject({ name: "TimeoutError" });
      expect(performance.now() - startedMs).toBeGreaterThanOrEqual(TIMEOUT_MS - 5);
      gateway().faults.clear();
      expect(await clientOf(gateway()).set("k", "v")).toBe("OK");
    });
  }

  it("cuts the requests that hang when the fault is lifted", async () => {
    const before = gateway().stats().faults;
    gateway().faults.set({ failure: { kind: "hang", at: "headers" } });
    const waiting = fetch(gateway().url).catch((error: unknown) => error);
    await expect.poll(() => gateway().stats().faults, { interval: 5 }).toBe(before + 1);
    gateway().faults.clear();
    expect(await waiting).toBeInstanceOf(TypeError);
  });

  it("answers a status of one's choice, which the client does not retry", async () => {
    const before = gateway().stats().requests;
    gateway().faults.set({ failure: { kind: "status", status: 503, error: "ERR overloaded" } });
    await expect(clientOf(gateway(), 3).get("k")).rejects.toThrow(/^ERR overloaded/);
    expect(gateway().stats().requests - before).toBe(1);
  });

  it("answers what is no JSON", async () => {
    gateway().faults.set({ failure: { kind: "garbled" } });
    await expect(clientOf(gateway()).get("k")).rejects.toMatchObject({ name: "UpstashJSONParseError" });
  });

  it("cuts the connection without applying anything, as often as told", async () => {
    await gateway().command("SET", "n", "0");
    gateway().faults.set({ failure: { kind: "refuse", applied: false }, times: 2 });
    expect(await clientOf(gateway(), 2).incr("n")).toBe(1);
    expect(await gateway().command("GET", "n")).toBe("1");
  });

  it("cuts the connection after applying, so that a retry applies it twice", async () => {
    await gateway().command("SET", "n", "0");
    gateway().faults.set({ failure: { kind: "refuse", applied: true }, times: 1 });
    expect(await clientOf(gateway(), 1).incr("n")).toBe(2);
  });

  it("slows every answer down", async () => {
    gateway().faults.set({ latencyMs: 60 });
    const startedMs = performance.now();
    await clientOf(gateway()).get("k");
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(55);
  });

  it("answers 503 while the engine is dead, and starts empty when it is back", async () => {
    await clientOf(gateway()).set("k", "v");
    await gateway().killEngine();
    expect(gateway().pid).toBeNull();
    const response = await fetch(`${gateway().url}/get/k`, { headers: { authorization: `Bearer ${gateway().token}` } });
    expect([response.status, await response.json()]).toEqual([503, { error: "ERR the database is not reachable" }]);
    await expect(clientOf(gateway()).multi().get("k").exec()).rejects.toThrow(/not reachable/);
    await expect(gateway().command("GET", "k")).rejects.toThrow();
    await gateway().restartEngine();
    expect(await clientOf(gateway()).get("k")).toBeNull();
    expect(await clientOf(gateway()).set("k", "w")).toBe("OK");
  });
});

describe.skipIf(skipsRedisServer)(`a redis-server killed from outside: ${redisServerTitle}`, () => {
  const opened: UpstashGateway[] = [];
  const start = async (options: Partial<Parameters<typeof startUpstashGateway>[0]> = {}): Promise<UpstashGateway> => {
    const gateway = await startUpstashGateway({ token: "t", engine: "redis-server", ...options });
    opened.push(gateway);
    return gateway;
  };
  afterEach(async () => {
    for (const gateway of opened.splice(0)) await gateway.close();
  });

  it("is answered for with 503 at once, also the requests under way, and works again after a restart", async () => {
    const gateway = await start();
    expect(gateway.redisVersion).toMatch(/^\d+\.\d+\.\d+$/);
    const firstPid = gateway.pid ?? Number.NaN;
    const patient = clientOf(gateway, 0, 5_000);
    const busy = Array.from({ length: 200 }, (_, i) => patient.set(`k${i}`, "v").catch((e: Error) => e.message));
    process.kill(firstPid, "SIGKILL");
    for (const outcome of await Promise.all(busy)) expect(outcome).toMatch(/^OK$|^ERR the database is not reachable/);
    await expect.poll(() => gateway.pid, { interval: 5 }).toBeNull();
    await expect(clientOf(gateway).get("k1")).rejects.toThrow(/not reachable/);
    await gateway.restartEngine();
    expect(gateway.pid).not.toBe(firstPid);
    expect(await clientOf(gateway).set("k1", "v")).toBe("OK");
    await gateway.restartEngine();
    expect(await clientOf(gateway).get("k1")).toBe("v");
  });

  it("does not leave a request waiting that Redis died on", async () => {
    const gateway = await start();
    const stuck = clientOf(gateway, 0, 10_000)
      .eval("while true do end", [], [])
      .catch((error: Error) => error.message);
    await expect.poll(() => gateway.stats().single, { interval: 5 }).toBe(1);
    const killedMs = performance.now();
    await gateway.killEngine();
    expect(await stuck).toMatch(/^ERR the database is not reachable/);
    expect(performance.now() - killedMs).toBeLessThan(2_000);
  });

  it("keeps what it acknowledged when every write is made durable", async () => {
    const gateway = await start({ durability: "every-write" });
    expect(await clientOf(gateway).set("k", "kept")).toBe("OK");
    await gateway.killEngine();
    await gateway.restartEngine();
    expect(await clientOf(gateway).get("k")).toBe("kept");
  });

  it("says why it did not start, and leaves nothing behind", async () => {
    const scratch = mkdtempSync(join(tmpdir(), "gateway-test-"));
    vi.stubEnv("TMPDIR", scratch);
    try {
      const redisServer = findRedisServer() ?? "redis-server";
      const noRedis = join(scratch, "not-redis");
      writeFileSync(noRedis, "#!/bin/sh\necho 'I am no Redis' >&2\nexit 3\n", { mode: 0o755 });
      const startWith = (binary: string, directory?: string): Promise<Engine> =>
        startRedisServerEngine({ binary, directory, durability: "none" });
      await expect(startWith(redisServer, join(noRedis, "data"))).rejects.toThrow(/ENOTDIR/);
      await expect(startWith(join(scratch, "nothing"))).rejects.toThrow(/^cannot start .*nothing$/);
      await expect(startWith(noRedis)).rejects.toThrow("redis-server ended at its start: I am no Redis");
      expect(readdirSync(scratch)).toEqual(["not-redis"]);
    } finally {
      vi.unstubAllEnvs();
      rmSync(scratch, { recursive: true });
    }
  });

  it("ends with the gateway", async () => {
    const gateway = await start();
    const pid = gateway.pid ?? Number.NaN;
    await gateway.close();
    opened.pop();
    expect(() => process.kill(pid, 0)).toThrow(/ESRCH/);
  });
});
