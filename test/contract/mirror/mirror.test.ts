import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { UpstashGateway } from "../../../dev/upstash-gateway/gateway.ts";
import type { LevelsView } from "../../../src/domain/levels-view.ts";
import type { Mirror, MirrorRead } from "../../../src/services/mirror.ts";
import type { MirrorFault } from "../../../src/store/mirror-fault.ts";
import { levelsKey, versionKey } from "../../../src/store/mirror-keys.ts";
import { createMirror, type MirrorOptions, noMirror } from "../../../src/store/redis-mirror.ts";
import { describeOnEachEngine } from "../upstash-gateway/each-engine.ts";
import { levelsView, skuOf } from "./levels-view-builder.ts";

const SKU = skuOf("TSHIRT-RED-M");
const view = (version: number, available = version): LevelsView => levelsView({ sku: SKU, version, available });

// Ample limits, for a busy machine: the tests of the limits set their own.
const AMPLE_MS = 5_000;
const SLACK_MS = 800;

function mirrorOf({ url, token }: UpstashGateway, options: Partial<MirrorOptions> = {}): Mirror {
  return createMirror({
    url,
    token,
    random: () => 0.5,
    ttlSecondsMin: 30,
    ttlSecondsMax: 60,
    versionTtlSeconds: 86_400,
    readTimeoutMs: AMPLE_MS,
    writeTimeoutMs: AMPLE_MS,
    invalidateTimeoutMs: AMPLE_MS,
    ...options,
  });
}

const hitsOf = (read: MirrorRead): unknown => (read.kind === "read" ? [...read.hits] : read);

describeOnEachEngine("the mirror", (gateway) => {
  const mirror = (options: Partial<MirrorOptions> = {}): Mirror => mirrorOf(gateway(), options);

  beforeEach(async () => {
    gateway().faults.clear();
    await gateway().command("FLUSHALL");
  });

  it("reads what was written, and misses the rest", async () => {
    const other = levelsView({ sku: "MUG", version: 3 });
    expect(await mirror().write([view(1), other])).toEqual({ kind: "written", written: 2, stale: 0 });
    expect(hitsOf(await mirror().read([SKU, skuOf("NONE"), skuOf("MUG")]))).toEqual([
      [SKU, view(1)],
      [skuOf("MUG"), other],
    ]);
  });

  it("stores the levels as JSON and the version as a number, under the SKU's two keys", async () => {
    await mirror().write([view(41)]);
    expect(await gateway().command("GET", "onhand:{TSHIRT-RED-M}:levels")).toBe(JSON.stringify(view(41)));
    expect(await gateway().command("GET", "onhand:{TSHIRT-RED-M}:version")).toBe("41");
    expect(await gateway().command("DBSIZE")).toBe(2);
  });

  it("refuses an older version and takes an equal one", async () => {
    await mirror().write([view(5, 50)]);
    expect(await mirror().write([view(4, 40)])).toEqual({ kind: "written", written: 0, stale: 1 });
    expect(hitsOf(await mirror().read([SKU]))).toEqual([[SKU, view(5, 50)]]);
    expect(await mirror().write([view(5, 51)])).toEqual({ kind: "written", written: 1, stale: 0 });
    expect(hitsOf(await mirror().read([SKU]))).toEqual([[SKU, view(5, 51)]]);
    expect(await mirror().write([view(6, 60)])).toEqual({ kind: "written", written: 1, stale: 0 });
  });

  it("compares versions as numbers, beyond 32 bits too", async () => {
    await mirror().write([view(9)]);
    expect(await mirror().write([view(10)])).toMatchObject({ written: 1 });
    await mirror().write([view(4_294_967_296)]);
    expect(await mirror().write([view(2_147_483_648)])).toMatchObject({ stale: 1 });
    expect(await mirror().write([view(9_007_199_254_740_991)])).toMatchObject({ written: 1 });
    expect(await mirror().write([view(9_007_199_254_740_990)])).toMatchObject({ stale: 1 });
    expect(await gateway().command("GET", versionKey(SKU))).toBe("9007199254740991");
  });

  it("lets no old write back in after the levels have expired, because the version outlives them", async () => {
    await mirror({ ttlSecondsMin: 1, ttlSecondsMax: 1 }).write([view(8)]);
    await expect.poll(() => gateway().command("EXISTS", levelsKey(SKU)), { timeout: 3_000, interval: 20 }).toBe(0);
    expect(hitsOf(await mirror().read([SKU]))).toEqual([]);
    expect(await mirror().write([view(7)])).toEqual({ kind: "written", written: 0, stale: 1 });
    expect(hitsOf(await mirror().read([SKU]))).toEqual([]);
    expect(await mirror().write([view(8)])).toEqual({ kind: "written", written: 1, stale: 0 });
  });

  it("forgets levels on invalidation, not the version, and is refilled", async () => {
    await mirror().write([view(8), levelsView({ sku: "MUG", version: 1 })]);
    await mirror().invalidate([SKU, skuOf("NONE")]);
    expect(hitsOf(await mirror().read([SKU]))).toEqual([]);
    expect(await gateway().command("GET", versionKey(SKU))).toBe("8");
    expect(await gateway().command("EXISTS", levelsKey(skuOf("MUG")))).toBe(1);
    expect(await mirror().write([view(7)])).toMatchObject({ stale: 1 });
    expect(await mirror().write([view(8)])).toMatchObject({ written: 1 });
    expect(hitsOf(await mirror().read([SKU]))).toEqual([[SKU, view(8)]]);
  });

  it("keeps levels for 30 to 60 seconds, spread by chance, and the version for a day", async () => {
    const chances = [0, 0.25, 0.5, 0.75, 1 - Number.EPSILON];
    const seconds: unknown[] = [];
    for (const chance of chances) {
      await mirror({ random: () => chance }).write([view(1)]);
      seconds.push(await gateway().command("TTL", levelsKey(SKU)));
    }
    expect(seconds).toEqual([30, 37, 45, 53, 60]);
    expect(await gateway().command("TTL", versionKey(SKU))).toBe(86_400);
  });

  it("draws one chance for each SKU", async () => {
    const chances = [0, 0.999].values();
    await mirror({ random: () => chances.next().value ?? Number.NaN }).write([
      view(1),
      levelsView({ sku: "MUG", version: 1 }),
    ]);
    expect(await gateway().command("TTL", levelsKey(SKU))).toBe(30);
    expect(await gateway().command("TTL", levelsKey(skuOf("MUG")))).toBe(60);
  });

  it("keeps apart SKUs with any characters", async () => {
    const texts = [
      "a",
      "A",
      "a}:levels",
      "{a}",
      "{",
      "}",
      "{}",
      "%7b;",
      "a:b",
      "a b",
      "ä",
      "a\u0308",
      "🧮",
      "\ud83e",
      "\udd2e",
    ];
    const views = texts.map((text, i) => levelsView({ sku: text, version: i + 1 }));
    expect(await mirror().write(views)).toEqual({ kind: "written", written: texts.length, stale: 0 });
    expect(hitsOf(await mirror().read(texts.map(skuOf)))).toEqual(texts.map((text, i) => [text, views[i]]));
  });

  it("answers an empty or a repeated question, and asks Redis only once for a SKU", async () => {
    const before = gateway().stats().requests;
    expect(await mirror().read([])).toEqual({ kind: "read", hits: new Map() });
    expect(await mirror().write([])).toEqual({ kind: "written", written: 0, stale: 0 });
    await mirror().invalidate([]);
    expect(gateway().stats().requests).toBe(before);
    await mirror().write([view(1)]);
    expect(hitsOf(await mirror().read([SKU, SKU]))).toEqual([[SKU, view(1)]]);
  });

  it("counts a damaged or foreign value as a miss, says so, and heals with the next write", async () => {
    const faults: MirrorFault[] = [];
    const damaged = ["", "{", "null", '"text"', "[]", JSON.stringify({ ...view(1), version: "1" })];
    damaged.push(JSON.stringify(levelsView({ sku: "ANOTHER", version: 1 })));
    for (const text of damaged) {
      await gateway().command("SET", levelsKey(SKU), text);
      expect(hitsOf(await mirror({ onFault: (fault) => faults.push(fault) }).read([SKU]))).toEqual([]);
    }
    expect(faults.map(({ operation, reason, code }) => [operation, reason, code])).toEqual([
      ["read", "malformed_value", "(no JSON)"],
      ["read", "malformed_value", "(no JSON)"],
      ["read", "malformed_value", "(root)"],
      ["read", "malformed_value", "(root)"],
      ["read", "malformed_value", "(root)"],
      ["read", "malformed_value", "version"],
      ["read", "malformed_value", "sku"],
    ]);
    await gateway().command("SET", versionKey(SKU), "no number");
    await gateway().command("DEL", levelsKey(SKU));
    await gateway().command("HSET", levelsKey(SKU), "a", "hash");
    expect(hitsOf(await mirror().read([SKU]))).toEqual([]);
    expect(await mirror().write([view(2)])).toEqual({ kind: "written", written: 1, stale: 0 });
    expect(hitsOf(await mirror().read([SKU]))).toEqual([[SKU, view(2)]]);
  });

  describe("as few requests as possible", () => {
    const many = Array.from({ length: 250 }, (_, i) => levelsView({ sku: `SKU-${i}`, version: 1 }));
    const skus = many.map(({ sku }) => sku);
    const requestsDuring = async (work: () => Promise<unknown>): Promise<number> => {
      const before = gateway().stats().requests;
      await work();
      return gateway().stats().requests - before;
    };

    it("takes one for 250 SKUs, read, written or invalidated", async () => {
      await mirror().write(many);
      await gateway().command("FLUSHALL");
      expect(await requestsDuring(() => mirror().write(many))).toBe(1);
      expect(await requestsDuring(async () => expect(hitsOf(await mirror().read(skus))).toHaveLength(250))).toBe(1);
      expect(await requestsDuring(() => mirror().invalidate(skus))).toBe(1);
      expect(hitsOf(await mirror().read(skus))).toEqual([]);
    });

    it("takes a second one when Redis has forgotten the script, and only then", async () => {
      await gateway().command("SCRIPT", "FLUSH");
      const report = { kind: "written", written: 250, stale: 0 };
      expect(await requestsDuring(async () => expect(await mirror().write(many)).toEqual(report))).toBe(2);
      expect(await requestsDuring(async () => expect(await mirror().write(many)).toEqual(report))).toBe(1);
    });

    it("parts more than 250 SKUs, and what would not fit in a megabyte", async () => {
      const more = [...many, levelsView({ sku: "ONE-MORE", version: 1 })];
      await mirror().write(many.slice(0, 1));
      expect(await requestsDuring(() => mirror().write(more))).toBe(2);
      const read = (): Promise<MirrorRead> => mirror().read(more.map(({ sku }) => sku));
      expect(await requestsDuring(async () => expect(hitsOf(await read())).toHaveLength(251))).toBe(2);
      const [location] = view(1).locations;
      const large = many.slice(0, 3).map((each) => ({ ...each, locations: Array(4_000).fill(location) }));
      expect(JSON.stringify(large).length).toBeGreaterThan(1_000_000);
      expect(await requestsDuring(() => mirror().write(large))).toBe(3);
      expect(hitsOf(await mirror().read(skus.slice(0, 3)))).toEqual(large.map((each) => [each.sku, each]));
    });
  });

  describe("when Redis is in trouble", () => {
    const faults: MirrorFault[] = [];
    const onFault = (fault: MirrorFault): void => void faults.push(fault);
    afterEach(() => {
      faults.length = 0;
      gateway().faults.clear();
    });

    for (const at of ["headers", "body"] as const) {
      it(`gives a read up at its limit when Redis hangs (${at})`, async () => {
        gateway().faults.set({ failure: { kind: "hang", at } });
        const startedMs = performance.now();
        const read = await mirror({ onFault, readTimeoutMs: 150 }).read([SKU]);
        const tookMs = performance.now() - startedMs;
        expect(read).toEqual({ kind: "unavailable", reason: "timeout" });
        expect(tookMs).toBeGreaterThanOrEqual(145);
        expect(tookMs).toBeLessThan(150 + SLACK_MS);
        expect(faults).toEqual([{ operation: "read", reason: "timeout", code: null }]);
      });
    }

    it("keeps to one limit however many requests and tries a call takes", async () => {
      gateway().faults.set({ failure: { kind: "hang", at: "headers" } });
      const many = Array.from({ length: 1_000 }, (_, i) => levelsView({ sku: `SKU-${i}`, version: 1 }));
      const skus = many.map(({ sku }) => sku);
      const limited = mirror({ readTimeoutMs: 100, writeTimeoutMs: 100, invalidateTimeoutMs: 100 });
      for (const call of [() => limited.read(skus), () => limited.write(many), () => limited.invalidate(skus)]) {
        const startedMs = performance.now();
        await call();
        expect(performance.now() - startedMs).toBeLessThan(100 + SLACK_MS);
      }
    });

    it("gives the request with the script's text a limit of its own", async () => {
      await gateway().command("SCRIPT", "FLUSH");
      // Two requests of 300 ms each within limits of 500 ms each: together they take longer than one limit.
      gateway().faults.set({ latencyMs: 300 });
      expect(await mirror({ writeTimeoutMs: 500 }).write([view(1)])).toEqual({ kind: "written", written: 1, stale: 0 });
      gateway().faults.set({ latencyMs: 1_000 });
      expect(await mirror({ writeTimeoutMs: 500 }).write([view(2)])).toEqual({
        kind: "unavailable",
        reason: "timeout",
      });
      gateway().faults.clear();
    });

    it("has limits of its own: 150 ms for a read or a ping, 1 s for a write, 50 ms for an invalidation", async () => {
      const timeouts = vi.spyOn(AbortSignal, "timeout");
      const defaults = mirror({ readTimeoutMs: undefined, writeTimeoutMs: undefined, invalidateTimeoutMs: undefined });
      await defaults.read([SKU]);
      await defaults.ping();
      await defaults.write([view(1)]);
      await defaults.invalidate([SKU]);
      expect(timeouts.mock.calls).toEqual([[150], [150], [1_000], [50]]);
      timeouts.mockRestore();
    });

    it("never throws and never says what was sent", async () => {
      const failures = [
        [{ kind: "status", status: 401, error: "WRONGPASS invalid or missing auth token" }, "refused", "WRONGPASS"],
        [{ kind: "status", status: 429, error: `ERR max requests limit exceeded for ${SKU}` }, "refused", "ERR"],
        [{ kind: "status", status: 503, error: SKU }, "refused", null],
        [{ kind: "garbled" }, "bad_reply", null],
        [{ kind: "refuse", applied: false }, "network", null],
      ] as const;
      for (const [failure, reason, code] of failures) {
        gateway().faults.set({ failure });
        const faulty = mirror({ onFault });
        expect(await faulty.read([SKU])).toEqual({ kind: "unavailable", reason });
        expect(await faulty.write([view(1)])).toEqual({ kind: "unavailable", reason });
        expect(await faulty.invalidate([SKU])).toBeUndefined();
        expect(await faulty.ping()).toBe("unavailable");
        expect(faults.splice(0)).toEqual([
          { operation: "read", reason, code },
          { operation: "write", reason, code },
          { operation: "invalidate", reason, code },
          { operation: "ping", reason, code },
        ]);
      }
    });

    it("tries a write once more when the connection breaks, a read and an invalidation not", async () => {
      const attempts = async (call: () => Promise<unknown>): Promise<number> => {
        gateway().faults.set({ failure: { kind: "refuse", applied: false } });
        const before = gateway().stats().faults;
        await call();
        return gateway().stats().faults - before;
      };
      expect(await attempts(() => mirror().write([view(1)]))).toBe(2);
      expect(await attempts(() => mirror().read([SKU]))).toBe(1);
      expect(await attempts(() => mirror().invalidate([SKU]))).toBe(1);
    });

    it("does no harm by a second try of a write that had been applied", async () => {
      await mirror().write([view(4)]);
      gateway().faults.set({ failure: { kind: "refuse", applied: true }, times: 1 });
      expect(await mirror().write([view(5)])).toEqual({ kind: "written", written: 1, stale: 0 });
      expect(hitsOf(await mirror().read([SKU]))).toEqual([[SKU, view(5)]]);
    });

    it("reports a write of which Redis refuses a part", async () => {
      await gateway().command("HSET", versionKey(skuOf("MUG")), "a", "hash");
      // SKUs of its own: what another test's write left hanging may still arrive on a busy machine.
      const [good, bad] = ["PLATE", "MUG"].map((sku) => levelsView({ sku, version: 1 }));
      const report = await mirror({ onFault }).write([good, bad].flatMap((one) => one ?? []));
      expect(report).toEqual({ kind: "written", written: 1, stale: 0 });
      expect(faults).toEqual([{ operation: "write", reason: "refused", code: "WRONGTYPE" }]);
    });

    it("is unavailable while Redis is dead, and heals when it is back", async () => {
      await mirror().write([view(5)]);
      expect(await mirror().ping()).toBe("ok");
      await gateway().killEngine();
      expect(await mirror().read([SKU])).toEqual({ kind: "unavailable", reason: "refused" });
      expect(await mirror().write([view(6)])).toEqual({ kind: "unavailable", reason: "refused" });
      expect(await mirror().ping()).toBe("unavailable");
      await gateway().restartEngine();
      expect(await mirror().read([SKU])).toEqual({ kind: "read", hits: new Map() });
      expect(await mirror().write([view(6)])).toEqual({ kind: "written", written: 1, stale: 0 });
      expect(hitsOf(await mirror().read([SKU]))).toEqual([[SKU, view(6)]]);
    });
  });
});

describe("without a usable Redis", () => {
  it("answers that it is disabled when there are no credentials", async () => {
    expect(await noMirror().read([SKU])).toEqual({ kind: "disabled" });
    expect(await noMirror().write([view(1)])).toEqual({ kind: "disabled" });
    expect(await noMirror().invalidate([SKU])).toBeUndefined();
    expect(await noMirror().ping()).toBe("disabled");
  });

  it("is unavailable when nobody listens, or the address is none", async () => {
    const options = { token: "t", random: () => 0, ttlSecondsMin: 30, ttlSecondsMax: 60, versionTtlSeconds: 86_400 };
    const nobody = createMirror({ ...options, url: "http://127.0.0.1:9" });
    expect(await nobody.read([SKU])).toEqual({ kind: "unavailable", reason: "network" });
    expect(await nobody.write([view(1)])).toEqual({ kind: "unavailable", reason: "network" });
    const nowhere = createMirror({ ...options, url: "no address" });
    expect(await nowhere.read([SKU])).toEqual({ kind: "unavailable", reason: "bad_url" });
    expect(await nowhere.ping()).toBe("unavailable");
  });
});
