/**
 * The embedded engine stands in for redis-server, so it has to give the same answers: random histories of commands run
 * on both, reply by reply. The commands are those that the embedded engine knows.
 */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startEmbeddedEngine } from "../../../dev/upstash-gateway/embedded/embedded-engine.ts";
import { type Command, type Engine, isErrorReply, type Reply } from "../../../dev/upstash-gateway/engine.ts";
import { startRedisServerEngine } from "../../../dev/upstash-gateway/redis-server-engine.ts";
import { findRedisServer } from "../../../dev/upstash-gateway/redis-server-process.ts";
import { redisServerTitle, skipsRedisServer } from "./each-engine.ts";

const key = fc.constantFrom("a", "b", "{c}:d", "é🧮", "__proto__");
const field = fc.constantFrom("f", "g", "constructor");
const value = fc.constantFrom("", "0", "7", "-3", "007", "+1", " 1", "1.5", "abc", "é🧮", "9223372036854775807", "OK");
// A Lua number of 2^63 has no integer; what C makes of it is the machine's business.
const argument = value.filter((given) => given.length < 19);
const seconds = fc.constantFrom("100", "86400", "0", "-5", "x", "9999999999999999");
const word = fc.constantFrom("NX", "xx", "GET", "KEEPTTL", "EX", "px", "1000", "50000", "0", "nonsense");
const scripts = [
  'return redis.call("GET", KEYS[1])',
  'return redis.pcall("INCR", KEYS[1])',
  'return redis.call("INCRBY", KEYS[1], ARGV[1])',
  'return {redis.call("HGETALL", KEYS[1]), #ARGV, ARGV[1] or false, 3.99, {ok = "FINE"}}',
  "return tonumber(ARGV[1])",
  'return (tonumber(ARGV[1]) or 0) .. ":" .. KEYS[1]',
  "return nothing",
  "made = 1",
  "return {err = 'MINE because'}",
  "return redis.error_reply('OTHER reason')",
  "return redis.status_reply('DONE')",
  "return redis.sha1hex(ARGV[1])",
  "return {1, nil, 3}",
  "return true",
  "return {false, true}",
  "return 2147483647 + tonumber('1')",
  "return redis.call('SET', KEYS[1], 12.0)",
  "return redis.call('SET', KEYS[1], 0.1)",
  "return redis.call('SET', KEYS[1], 2^60)",
  "return redis.call('SET', KEYS[1], -1e-5 / 3)",
  "return redis.call('SET', KEYS[1], 9007199254740993)",
  "return redis.call('NOSUCH')",
  "return redis.call('SET', KEYS[1], {})",
  "return string.rep('x', 3) .. unpack({'y'})",
  "syntax error",
];

const command: fc.Arbitrary<Command> = fc.oneof(
  fc.tuple(fc.constantFrom("GET", "get", "GETDEL", "STRLEN", "INCR", "DECR", "TYPE", "TTL", "PERSIST"), key),
  fc.tuple(fc.constantFrom("HGETALL", "HLEN", "HKEYS", "HVALS"), key),
  fc.tuple(fc.constantFrom("SET", "SETNX", "GETSET", "APPEND", "INCRBY", "DECRBY"), key, value),
  fc.tuple(fc.constant("SET"), key, value, word, word).map((words) => words),
  fc.tuple(fc.constant("SET"), key, value, fc.constantFrom("EX", "ex"), seconds),
  fc.tuple(
    fc.constantFrom("SETEX", "PSETEX"),
    key,
    seconds.filter((given) => given.length > 2),
    value,
  ),
  fc.tuple(
    fc.constantFrom("EXPIRE", "PEXPIRE"),
    key,
    fc.constantFrom("100000", "0", "-1", "x", "99999999999999999999"),
  ),
  fc.tuple(
    fc.constant("EXPIREAT"),
    key,
    fc.constantFrom("4102444800", "4133980800"),
    fc.constantFrom("NX", "xx", "GT", "LT", "YY"),
  ),
  fc.tuple(fc.constantFrom("HSET", "HSETNX", "HMSET", "HINCRBY"), key, field, value),
  fc.tuple(fc.constantFrom("HGET", "HEXISTS", "HDEL"), key, field),
  fc.tuple(fc.constantFrom("HMGET", "HDEL", "HSET"), key, field, field, field),
  fc.tuple(fc.constantFrom("MGET", "DEL", "UNLINK", "EXISTS", "TOUCH", "MSET", "HSET"), key, key, key),
  fc.tuple(fc.constantFrom("MSET", "HMSET"), key, value, key, value),
  fc.tuple(fc.constantFrom("PING", "ECHO", "DBSIZE", "GET", "SET", "MGET", "HSET", "EVAL", "SCRIPT", "NOSUCH")),
  fc.tuple(fc.constantFrom("PING", "ECHO", "NOSUCH", "INCR"), value, value),
  fc.tuple(fc.constant("KEYS"), fc.constantFrom("*", "?", "[a-b]", "[^a]", "{c}*", "\\a", "[b-a]", "*d", "[", "[]")),
  fc.tuple(fc.constantFrom("EVAL"), fc.constantFrom(...scripts), fc.constant("1"), key, argument),
  fc.tuple(
    fc.constant("EVAL"),
    fc.constantFrom(...scripts.slice(0, 2)),
    fc.constantFrom("0", "2", "-1", "x", "1"),
    key,
  ),
  fc.tuple(fc.constant("EVALSHA"), fc.constant("e0e1f9fabfc9d4800c877a703b823ac0578ff8db"), fc.constant("0")),
  fc
    .tuple(fc.constant("SCRIPT"), fc.constantFrom("LOAD", "EXISTS", "FLUSH"), fc.constant("return 1"))
    .filter(([, subcommand]) => subcommand !== "FLUSH"),
);

const history = fc.array(command, { minLength: 1, maxLength: 40 });

/** Bytes as text, lists of keys in one order. Integers that JSON could not carry exactly are rounded here or there. */
function shown(reply: Reply, [name]: Command): unknown {
  if (Buffer.isBuffer(reply)) return reply.toString("latin1");
  if (Array.isArray(reply)) {
    const items = reply.map((item: Reply) => shown(item, [""]));
    return name === "KEYS" ? items.sort() : items;
  }
  // The two read their clocks a moment apart, so the seconds left until a fixed date may differ by one.
  if (name === "TTL" && typeof reply === "number" && reply > 1_000_000) return "years";
  return typeof reply === "number" && !Number.isSafeInteger(reply) ? reply.toPrecision(12) : reply;
}

const codeOf = (reply: Reply): Reply => (isErrorReply(reply) ? { error: reply.error.split(" ")[0] ?? "" } : reply);

/** All of it, but what the compilers of two versions of Lua say of one mistake. */
const wordsOf = (reply: Reply): Reply =>
  isErrorReply(reply) ? { error: reply.error.replace(/(?<=^ERR Error compiling script).*/s, "") } : reply;

describe.skipIf(skipsRedisServer)(`the embedded engine answers as ${redisServerTitle}`, () => {
  let real: Engine;
  let embedded: Engine;
  beforeAll(async () => {
    real = await startRedisServerEngine({ binary: findRedisServer() ?? "redis-server", durability: "none" });
    embedded = startEmbeddedEngine();
  });
  afterAll(() => real.close());

  const bothAnswer = async (
    commands: readonly Command[],
    how: "run" | "transact",
    compare: (reply: Reply) => Reply,
  ): Promise<void> => {
    const reset: Command[] = [["FLUSHALL"], ["SCRIPT", "FLUSH"]];
    await Promise.all([real.run(reset), embedded.run(reset)]);
    const [expected, given] = await Promise.all([real[how](commands), embedded[how](commands)]);
    const told = (replies: typeof expected): unknown =>
      isErrorReply(replies)
        ? compare(replies)
        : replies.map((reply, i) => [commands[i], shown(compare(reply), commands[i] ?? [""])]);
    expect(told(given)).toEqual(told(expected));
  };

  it("to any history of commands, error texts included", async () => {
    await fc.assert(
      fc.asyncProperty(history, (commands) => bothAnswer(commands, "run", wordsOf)),
      {
        numRuns: 300,
      },
    );
  });

  it("to any transaction: executed or discarded alike", async () => {
    await fc.assert(
      fc.asyncProperty(history, (commands) => bothAnswer(commands, "transact", wordsOf)),
      {
        numRuns: 200,
      },
    );
  });

  it("to what a random history seldom comes by", async () => {
    const commands: Command[] = [
      ["SET", "k", "v", "PX", "30000"],
      ["APPEND", "k", "w"],
      ["TTL", "k"],
      ["SET", "k", "2", "KEEPTTL"],
      ["INCR", "k"],
      ["TTL", "k"],
      ["HSET", "h", "f", "1"],
      ["EXPIRE", "h", "60"],
      ["HINCRBY", "h", "f", "1"],
      ["TTL", "h"],
      ["SET", "k", "v"],
      ["TTL", "k"],
      ["EXPIRE", "k", "-1"],
      ["EXISTS", "k"],
      ["EXPIREAT", "h", "1"],
      ["EXISTS", "h"],
      ["HSET", "h", "f", "1", "g", "2"],
      ["HDEL", "h", "f"],
      ["TYPE", "h"],
      ["HDEL", "h", "g", "f"],
      ["TYPE", "h"],
      ["DBSIZE"],
      ["SCAN", "0", "COUNT", "10"],
      ["SCAN", "x"],
      ["SCAN", "0", "COUNT", "0"],
      ["SCAN", "0", "MATCH"],
    ];
    await bothAnswer(commands, "run", codeOf);
  });
});
