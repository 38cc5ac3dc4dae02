/**
 * Which commands go through. Over REST there is no connection, so what changes one (SELECT, SUBSCRIBE …) or waits on one
 * (BLPOP) is refused; what administers the server is not Upstash's to give. One shared connection to Redis depends on it.
 */
import { type Command, type ErrorReply, isErrorReply, type Reply } from "./engine.ts";

const NEEDS_A_CONNECTION = new Set([
  ...["AUTH", "HELLO", "RESET", "QUIT", "SELECT", "CLIENT", "READONLY", "READWRITE", "ASKING"],
  ...["MULTI", "EXEC", "DISCARD", "WATCH", "UNWATCH", "MONITOR", "SYNC", "PSYNC", "WAIT", "WAITAOF"],
  ...["SUBSCRIBE", "UNSUBSCRIBE", "PSUBSCRIBE", "PUNSUBSCRIBE", "SSUBSCRIBE", "SUNSUBSCRIBE"],
  ...["BLPOP", "BRPOP", "BRPOPLPUSH", "BLMOVE", "BLMPOP", "BZPOPMIN", "BZPOPMAX", "BZMPOP", "XREAD", "XREADGROUP"],
]);

const ADMINISTERS = new Set([
  ...["SHUTDOWN", "DEBUG", "CONFIG", "MODULE", "CLUSTER", "REPLICAOF", "SLAVEOF", "FAILOVER", "MIGRATE", "SAVE"],
  ...["BGSAVE", "BGREWRITEAOF", "SWAPDB", "MOVE", "LATENCY", "SLOWLOG", "MEMORY", "PFDEBUG", "PFSELFTEST", "COMMAND"],
]);

/** Why Upstash refuses the command before any engine sees it, or null. */
export function refusalOf([name]: Command): ErrorReply | null {
  const upper = name.toUpperCase();
  if (NEEDS_A_CONNECTION.has(upper)) {
    return { error: `ERR Command "${upper}" is not allowed in REST or it has a special context path` };
  }
  return ADMINISTERS.has(upper) ? unavailable(upper) : null;
}

/** What Redis calls an unknown command, Upstash says in words of its own: both engines answer in those. */
export function asUpstashSays(reply: Reply): Reply {
  const name = isErrorReply(reply) ? /^ERR unknown command '([^']*)'/.exec(reply.error)?.[1] : undefined;
  return name === undefined ? reply : unavailable(name.toUpperCase());
}

const unavailable = (upper: string): ErrorReply => ({
  error: `ERR Command is not available: '${upper}'. See https://upstash.com/docs/redis/overall/rediscompatibility for details`,
});
