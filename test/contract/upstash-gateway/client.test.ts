import { Redis } from "@upstash/redis/cloudflare";
import { beforeEach, describe, expect, it } from "vitest";
import type { UpstashGateway } from "../../../dev/upstash-gateway/gateway.ts";
import { describeOnEachEngine } from "./each-engine.ts";

const INCR_AND_RETURN = 'redis.call("INCRBY", KEYS[1], tonumber(ARGV[1])) return {redis.call("GET", KEYS[1]), ARGV[2]}';

const ENCODINGS = [
  { name: "base64", responseEncoding: "base64" },
  { name: "plain text", responseEncoding: false },
] as const;

type ClientOptions = Partial<ConstructorParameters<typeof Redis>[0]>;

function clientOf(gateway: UpstashGateway, options: ClientOptions): Redis {
  const { url, token } = gateway;
  return new Redis({
    url,
    token,
    retry: { retries: 0 },
    enableTelemetry: false,
    enableAutoPipelining: false,
    ...options,
  });
}

describeOnEachEngine("the official client", (gateway) => {
  beforeEach(async () => {
    gateway().faults.clear();
    await gateway().command("FLUSHALL");
  });

  for (const { name, responseEncoding } of ENCODINGS) {
    describe(`with ${name} answers`, () => {
      const client = (options: ClientOptions = {}): Redis => clientOf(gateway(), { responseEncoding, ...options });

      it("reads back the text it wrote, whatever the characters", async () => {
        const texts = ["plain", "", "OK", "T0s=", "ünïcödé 🧮 漢字", 'quo"te\\back\nline', "{}[]:", "5"];
        const redis = client({ automaticDeserialization: false });
        for (const text of texts) {
          expect(await redis.set("k", text)).toBe("OK");
          expect(await redis.get("k")).toBe(text);
        }
      });

      it("reads back JSON values and numbers when it deserializes by itself", async () => {
        const redis = client();
        await redis.set("object", { available: 3, tags: ["a", "é"] });
        await redis.set("number", 42);
        await redis.set("flag", true);
        expect(await redis.mget("object", "number", "flag", "none")).toEqual([
          { available: 3, tags: ["a", "é"] },
          42,
          true,
          null,
        ]);
      });

      it("answers nil as null, integers as numbers, and a status as its text", async () => {
        const redis = client({ automaticDeserialization: false });
        expect(await redis.get("none")).toBeNull();
        expect(await redis.incr("n")).toBe(1);
        expect(await redis.incrby("n", 41)).toBe(42);
        expect(await redis.ping()).toBe("PONG");
        expect(await redis.exists("n", "none")).toBe(1);
        expect(await redis.del("n", "none")).toBe(1);
      });

      it("sets only under its conditions and with an expiry", async () => {
        const redis = client({ automaticDeserialization: false });
        expect(await redis.set("k", "first", { nx: true, ex: 60 })).toBe("OK");
        expect(await redis.set("k", "second", { nx: true })).toBeNull();
        expect(await redis.set("none", "x", { xx: true })).toBeNull();
        expect(await redis.set("k", "third", { get: true, px: 5_000 })).toBe("first");
        expect(await redis.pttl("k")).toBeGreaterThan(4_000);
        expect(await redis.pttl("k")).toBeLessThanOrEqual(5_000);
        expect(await redis.ttl("none")).toBe(-2);
        expect(await redis.expire("k", 30)).toBe(1);
        expect(await redis.ttl("k")).toBe(30);
        expect(await redis.persist("k")).toBe(1);
        expect(await redis.ttl("k")).toBe(-1);
      });

      it("forgets a key when its time is over", async () => {
        const redis = client();
        await redis.set("k", "v", { px: 20 });
        expect(await redis.get("k")).toBe("v");
        await expect.poll(() => redis.get("k"), { interval: 5 }).toBeNull();
      });

      it("keeps hashes", async () => {
        const redis = client({ automaticDeserialization: false });
        expect(await redis.hset("h", { a: "1", b: "zwei" })).toBe(2);
        expect(await redis.hset("h", { b: "two" })).toBe(0);
        expect(await redis.hget("h", "b")).toBe("two");
        expect(await redis.hincrby("h", "a", 4)).toBe(5);
        expect(await redis.hlen("h")).toBe(2);
        expect(await redis.hdel("h", "a")).toBe(1);
        expect(await client().hgetall("h")).toEqual({ b: "two" });
        expect(await client().hgetall("none")).toBeNull();
      });

      it("runs a script by its text, by its hash, and through createScript", async () => {
        const redis = client({ automaticDeserialization: false });
        await redis.scriptFlush();
        const sha = "2fa4f1b0a4d1a64fd3a9ba0f0a3ffb33ee4a39a8";
        await expect(redis.evalsha(sha, ["n"], ["1", "x"])).rejects.toThrow(/NOSCRIPT/);
        expect(await redis.eval(INCR_AND_RETURN, ["n"], ["2", "ü"])).toEqual(["2", "ü"]);
        const loaded = await redis.scriptLoad("return ARGV[1]");
        expect(loaded).toBe("098e0f0d1448c0a81dafe820f66d460eb09263da");
        expect(await redis.evalsha(loaded, [], ["échange"])).toBe("échange");
        expect(await redis.scriptExists(loaded, sha)).toEqual([1, 0]);
        await redis.scriptFlush();
        const script = redis.createScript<[string, string]>(INCR_AND_RETURN);
        expect(await script.exec(["n"], ["3", "a"])).toEqual(["5", "a"]);
        expect(await script.exec(["n"], ["1", "b"])).toEqual(["6", "b"]);
      });

      it("answers a script's nested arrays, nils and integers", async () => {
        const redis = client({ automaticDeserialization: false });
        const answer = await redis.eval('return {1, "two", {"OK", {"deep", 3.9}}, false, "after"}', [], []);
        expect(answer).toEqual([1, "two", ["OK", ["deep", 3]], null, "after"]);
      });

      it("answers a pipeline command by command, an error in its own place", async () => {
        const redis = client();
        const results = await redis
          .pipeline()
          .set("text", "abc")
          .incr("text")
          .get("text")
          .mget("text", "none")
          .exec({ keepErrors: true });
        expect(results.map(({ result }) => result)).toEqual(["OK", undefined, "abc", ["abc", null]]);
        expect(results.map(({ error }) => error)).toEqual([
          undefined,
          "ERR value is not an integer or out of range",
          undefined,
          undefined,
        ]);
      });

      it("runs a transaction as a whole; a command that fails inside does not stop the others", async () => {
        const redis = client();
        expect(await redis.multi().set("a", 1).incr("a").get("a").exec()).toEqual(["OK", 2, 2]);
        await expect(redis.multi().set("b", "x").incr("b").set("c", "y").exec()).rejects.toThrow(/not an integer/);
        expect(await redis.mget("b", "c")).toEqual(["x", "y"]);
      });

      it("discards a whole transaction when one of its commands does not exist", async () => {
        const redis = client();
        const transaction = redis.multi().set("d", "1").json.get("document", "$");
        await expect(transaction.set("e", "1").exec()).rejects.toThrow(/^ERR Command is not available: 'JSON.GET'/);
        expect(await redis.mget("d", "e")).toEqual([null, null]);
      });

      it("throws what Redis says, for one command", async () => {
        await client().hset("h", { a: 1 });
        await expect(client().get("h")).rejects.toThrow(
          "WRONGTYPE Operation against a key holding the wrong kind of value",
        );
      });

      it("scans to the end and finds every key once", async () => {
        const redis = client({ automaticDeserialization: false });
        const written = Array.from({ length: 25 }, (_, i) => `scan:${i}`);
        await redis.mset(Object.fromEntries([...written.map((key) => [key, "1"]), ["other", "1"]]));
        const found: string[] = [];
        let cursor = "0";
        do {
          const [next, keys] = await redis.scan(cursor, { match: "scan:*", count: 10 });
          found.push(...keys);
          cursor = String(next);
        } while (cursor !== "0");
        expect(found.sort()).toEqual(written.sort());
        expect(await redis.dbsize()).toBe(26);
        expect(await redis.flushall()).toBe("OK");
        expect(await redis.dbsize()).toBe(0);
      });

      it("joins the commands of one turn into one request each way when auto-pipelining is on", async () => {
        const redis = client({ enableAutoPipelining: true });
        await Promise.all(Array.from({ length: 10 }, (_, i) => redis.set(`k${i}`, i)));
        const before = gateway().stats();
        const values = await Promise.all(Array.from({ length: 10 }, (_, i) => redis.get(`k${i}`)));
        const after = gateway().stats();
        expect(values).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
        expect(after.requests - before.requests).toBe(1);
        expect(after.pipelines - before.pipelines).toBe(1);
        expect(after.commands - before.commands).toBe(10);
      });
    });
  }

  it("keeps the sync token that makes a client read its own writes", async () => {
    const redis = clientOf(gateway(), { readYourWrites: true });
    await redis.set("k", "v");
    const first = redis.readYourWritesSyncToken;
    await redis.set("k", "w");
    expect(first).toMatch(/^[0-9a-v]+$/);
    expect(redis.readYourWritesSyncToken).toMatch(/^[0-9a-v]+$/);
    expect(redis.readYourWritesSyncToken).not.toBe(first);
  });

  it("refuses a wrong token", async () => {
    await expect(clientOf(gateway(), { token: "another" }).get("k")).rejects.toThrow(/^WRONGPASS/);
    await expect(clientOf(gateway(), { token: "another" }).pipeline().get("k").exec()).rejects.toThrow(/^WRONGPASS/);
    await expect(clientOf(gateway(), { token: "another" }).multi().get("k").exec()).rejects.toThrow(/^WRONGPASS/);
  });
});
