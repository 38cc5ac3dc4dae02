/**
 * Every Lua script that runs in Redis, with its slots. Each carries its SHA-1, by which it is called; a test holds the two
 * together.
 */

/** A script and the name under which Redis keeps it. */
export type RedisScript = { readonly source: string; readonly sha1: string };

/**
 * SET_IF_NOT_OLDER: mirror the levels of one SKU unless newer ones were already mirrored.
 * KEYS[1]  `onhand:{<sku>}:levels`   the cached answer; expires soon
 * KEYS[2]  `onhand:{<sku>}:version`  outlives every retry
 * ARGV[1]  version                   integer, the counter's version, used as fencing token
 * ARGV[2]  levels                    JSON text of a LevelsView
 * ARGV[3]  ttlSeconds                30–60, with jitter
 * ARGV[4]  versionTtlSeconds         a day
 * returns  {1, version} written, {0, storedVersion} refused as stale. Equal is written: a refill after expiry or
 *          invalidation. A stored version that is no number counts as none: it heals.
 * Why a script: between a GET and a SET a late retry can put the old number back.
 */
export const SET_IF_NOT_OLDER: RedisScript = {
  source: `
local version = tonumber(ARGV[1])
local levelsTtlSeconds = tonumber(ARGV[3])
local versionTtlSeconds = tonumber(ARGV[4])
local stored = tonumber(redis.call("GET", KEYS[2]) or "") or -1
if version < stored then return {0, stored} end
redis.call("SET", KEYS[1], ARGV[2], "EX", levelsTtlSeconds)
redis.call("SET", KEYS[2], ARGV[1], "EX", versionTtlSeconds)
return {1, version}`,
  sha1: "7ba1c89f5a46ac5103c786ae8e25d11e29ff73b4",
};
