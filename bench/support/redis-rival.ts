/**
 * What Redis makes of the work of a hot SKU: one Lua script that knows a key it has seen, guards the floor, notes the movement with
 * level before and after, raises the version and marks the channel dirty; every write synced to disk before its answer, as an
 * object's is. Asked by Redis' own load generator, from 50 connections, in turns of one.
 */
import { spawn } from "node:child_process";
import { Redis } from "ioredis";
import {
  findRedisServer,
  openRedisDirectories,
  spawnRedisServer,
} from "../../dev/upstash-gateway/redis-server-process.ts";

/**
 * KEYS[1] level, KEYS[2] seen keys, KEYS[3] movements, KEYS[4] version, KEYS[5] dirty channels · ARGV[1] idempotency key
 * returns  {"applied" | "duplicate" | "insufficient", level}
 */
const TAKE = `
local known = redis.call("HGET", KEYS[2], ARGV[1])
if known then return {"duplicate", known} end
local before = tonumber(redis.call("GET", KEYS[1]) or "0")
if before < 1 then return {"insufficient", before} end
local after = redis.call("DECRBY", KEYS[1], 1)
redis.call("HSET", KEYS[2], ARGV[1], after)
redis.call("XADD", KEYS[3], "*", "key", ARGV[1], "delta", -1, "before", before, "after", after, "reason", "sale", "source", "api", "actor", "till")
redis.call("INCR", KEYS[4])
redis.call("SADD", KEYS[5], "shop")
return {"applied", after}`;

export const CLIENTS = 50;

/** @returns takes per second, or null where Redis or its load generator is not installed */
export async function redisTakesPerSecond(dir: string, takes: number): Promise<number | null> {
  const binary = findRedisServer();
  if (binary === null) return null;
  const directories = openRedisDirectories(dir);
  const server = spawnRedisServer(binary, directories, "every-write");
  const client = new Redis(server.socketPath, { retryStrategy: () => 50 });
  client.on("error", () => {}); // until the socket is there
  try {
    await client.set("{hot}:level", takes * 10);
    const sha = String(await client.script("LOAD", TAKE));
    await runBenchmark(server.socketPath, sha, Math.ceil(takes / 10)); // warm
    const rate = await runBenchmark(server.socketPath, sha, takes);
    const [left, noted] = [Number(await client.get("{hot}:level")), await client.xlen("{hot}:movements")];
    if (left + noted !== takes * 10)
      throw new Error(`Redis lost count: ${left} left and ${noted} noted of ${takes * 10}`);
    return rate;
  } finally {
    client.disconnect();
    await server.kill();
    directories.remove();
  }
}

const KEYS = ["level", "seen", "movements", "version", "dirty"].map((name) => `{hot}:${name}`);

/** Keys are drawn from twelve digits: a few in a million meet, and are told as duplicates. */
async function runBenchmark(socket: string, sha: string, takes: number): Promise<number | null> {
  const command = ["EVALSHA", sha, String(KEYS.length), ...KEYS, "sale:__rand_int__"];
  const args = ["-s", socket, "-c", String(CLIENTS), "-n", String(takes), "-r", "999999999999", "--csv", ...command];
  const child = spawn("redis-benchmark", args, { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  child.stdout.on("data", (chunk) => (output += String(chunk)));
  const code = await new Promise<number | null>((resolve) => {
    child.on("error", () => resolve(null));
    child.on("close", resolve);
  });
  // A line of names, then a line: "command","requests per second",latencies …
  const rate = Number(/^"EVALSHA[^\n]*?","([\d.]+)"/m.exec(output)?.[1]);
  return code === 0 && Number.isFinite(rate) ? rate : null;
}
