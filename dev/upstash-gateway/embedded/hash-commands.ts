/** Hashes of the embedded engine. */
import {
  ANY_NUMBER,
  type Args,
  added,
  argAt,
  CommandError,
  type CommandSpec,
  command,
  hashOf,
  integerIn,
  keyAt,
  keysIn,
  wrongArity,
} from "./command-kit.ts";
import type { Keyspace } from "./keyspace.ts";

export const HASH_COMMANDS: Readonly<Record<string, CommandSpec>> = {
  HSET: command(3, (keys, args) => setFields(keys, args, "hset"), ANY_NUMBER),
  HMSET: command(
    3,
    (keys, args) => {
      setFields(keys, args, "hmset");
      return "OK";
    },
    ANY_NUMBER,
  ),
  HSETNX: command(3, (keys, args) => {
    if (fieldsOf(keys, args).has(keyAt(args, 1))) return 0;
    return setFields(keys, args, "hsetnx");
  }),
  HGET: command(2, (keys, args) => fieldsOf(keys, args).get(keyAt(args, 1)) ?? null),
  HMGET: command(
    2,
    (keys, args) => {
      const fields = fieldsOf(keys, args);
      return keysIn(args.slice(1)).map((field) => fields.get(field) ?? null);
    },
    ANY_NUMBER,
  ),
  HGETALL: command(1, (keys, args) => [...fieldsOf(keys, args)].flatMap(([field, bytes]) => [bytesOf(field), bytes])),
  HKEYS: command(1, (keys, args) => [...fieldsOf(keys, args).keys()].map(bytesOf)),
  HVALS: command(1, (keys, args) => [...fieldsOf(keys, args).values()]),
  HLEN: command(1, (keys, args) => fieldsOf(keys, args).size),
  HEXISTS: command(2, (keys, args) => (fieldsOf(keys, args).has(keyAt(args, 1)) ? 1 : 0)),
  HDEL: command(2, deleteFields, ANY_NUMBER),
  HINCRBY: command(3, (keys, args) => {
    const delta = integerIn(argAt(args, 2));
    const current = fieldsOf(keys, args).get(keyAt(args, 1)) ?? Buffer.from("0");
    const { bytes, reply } = addedInHash(current, delta);
    setFields(keys, [argAt(args, 0), argAt(args, 1), bytes], "hincrby");
    return reply;
  }),
};

const bytesOf = (key: string): Buffer => Buffer.from(key, "latin1");

const fieldsOf = (keys: Keyspace, args: Args): ReadonlyMap<string, Buffer> =>
  hashOf(keys, keyAt(args, 0))?.fields ?? new Map<string, Buffer>();

/** How many fields are new. */
function setFields(keys: Keyspace, args: Args, name: string): number {
  if (args.length % 2 === 0) throw wrongArity(name);
  const key = keyAt(args, 0);
  const fields = hashOf(keys, key)?.fields ?? new Map<string, Buffer>();
  const before = fields.size;
  for (let i = 1; i < args.length; i += 2) fields.set(keyAt(args, i), argAt(args, i + 1));
  keys.set(key, { kind: "hash", fields }, keys.expiryOf(key) ?? null);
  return fields.size - before;
}

/** A hash without fields is no key any more. */
function deleteFields(keys: Keyspace, args: Args): number {
  const hash = hashOf(keys, keyAt(args, 0));
  if (hash === null) return 0;
  const deleted = keysIn(args.slice(1)).filter((field) => hash.fields.delete(field)).length;
  if (hash.fields.size === 0) keys.delete(keyAt(args, 0));
  return deleted;
}

/** Redis names the hash's value in its complaint, not "value". */
function addedInHash(current: Buffer, delta: bigint): ReturnType<typeof added> {
  try {
    integerIn(current);
  } catch {
    throw new CommandError("ERR hash value is not an integer");
  }
  return added(current, delta);
}
