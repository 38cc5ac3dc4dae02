/** Strings and counters of the embedded engine. */
import {
  ANY_NUMBER,
  type Args,
  added,
  argAt,
  CommandError,
  type CommandSpec,
  command,
  expiryMs,
  integerIn,
  keyAt,
  keysIn,
  stringOf,
  syntaxError,
  wordAt,
  wrongArity,
} from "./command-kit.ts";
import type { Keyspace } from "./keyspace.ts";

export const STRING_COMMANDS: Readonly<Record<string, CommandSpec>> = {
  GET: command(1, (keys, args) => stringOf(keys, keyAt(args, 0))),
  SET: command(2, set, ANY_NUMBER),
  SETNX: command(2, (keys, args) => {
    const key = keyAt(args, 0);
    if (keys.has(key)) return 0;
    put(keys, key, argAt(args, 1), null);
    return 1;
  }),
  SETEX: command(3, (keys, args) => setWithExpiry(keys, args, "EX", "setex")),
  PSETEX: command(3, (keys, args) => setWithExpiry(keys, args, "PX", "psetex")),
  GETSET: command(2, (keys, args) => {
    const before = stringOf(keys, keyAt(args, 0));
    put(keys, keyAt(args, 0), argAt(args, 1), null);
    return before;
  }),
  GETDEL: command(1, (keys, args) => {
    const before = stringOf(keys, keyAt(args, 0));
    keys.delete(keyAt(args, 0));
    return before;
  }),
  // A key of another type is nil here, not an error.
  MGET: command(
    1,
    (keys, args) =>
      keysIn(args).map((key) => {
        const value = keys.get(key);
        return value?.kind === "string" ? value.bytes : null;
      }),
    ANY_NUMBER,
  ),
  MSET: command(
    2,
    (keys, args) => {
      if (args.length % 2 !== 0) throw wrongArity("mset");
      for (let i = 0; i < args.length; i += 2) put(keys, keyAt(args, i), argAt(args, i + 1), null);
      return "OK";
    },
    ANY_NUMBER,
  ),
  STRLEN: command(1, (keys, args) => stringOf(keys, keyAt(args, 0))?.length ?? 0),
  APPEND: command(2, (keys, args) => {
    const key = keyAt(args, 0);
    const joined = Buffer.concat([stringOf(keys, key) ?? Buffer.alloc(0), argAt(args, 1)]);
    put(keys, key, joined, keys.expiryOf(key) ?? null);
    return joined.length;
  }),
  INCR: command(1, (keys, args) => increment(keys, keyAt(args, 0), 1n)),
  DECR: command(1, (keys, args) => increment(keys, keyAt(args, 0), -1n)),
  INCRBY: command(2, (keys, args) => increment(keys, keyAt(args, 0), integerIn(argAt(args, 1)))),
  DECRBY: command(2, (keys, args) => increment(keys, keyAt(args, 0), -integerIn(argAt(args, 1)))),
};

const put = (keys: Keyspace, key: string, bytes: Buffer, expiresAtMs: number | null): void =>
  keys.set(key, { kind: "string", bytes }, expiresAtMs);

function setWithExpiry(keys: Keyspace, args: Args, unit: "EX" | "PX", name: string): "OK" {
  put(keys, keyAt(args, 0), argAt(args, 2), positiveExpiryMs(unit, argAt(args, 1), keys.nowMs, name));
  return "OK";
}

function positiveExpiryMs(unit: "EX" | "PX" | "EXAT" | "PXAT", amount: Buffer, nowMs: number, name: string): number {
  const given = integerIn(amount);
  if (given <= 0n) throw new CommandError(`ERR invalid expire time in '${name}' command`);
  return expiryMs(unit, given, nowMs, name);
}

type SetOptions = {
  readonly onlyIf: "NX" | "XX" | null;
  readonly answersOld: boolean;
  readonly keepsTtl: boolean;
  readonly expiresAtMs: number | null;
};

function set(keys: Keyspace, args: Args): Buffer | "OK" | null {
  const key = keyAt(args, 0);
  const options = parseSetOptions(args, keys.nowMs);
  const old = options.answersOld ? stringOf(keys, key) : null;
  const refused = (options.onlyIf === "NX" && keys.has(key)) || (options.onlyIf === "XX" && !keys.has(key));
  if (!refused) {
    put(keys, key, argAt(args, 1), options.keepsTtl ? (keys.expiryOf(key) ?? null) : options.expiresAtMs);
  }
  if (options.answersOld) return old;
  return refused ? null : "OK";
}

function parseSetOptions(args: Args, nowMs: number): SetOptions {
  let onlyIf: SetOptions["onlyIf"] = null;
  let answersOld = false;
  let keepsTtl = false;
  let expiry: { readonly unit: "EX" | "PX" | "EXAT" | "PXAT"; readonly amount: Buffer } | null = null;
  for (let i = 2; i < args.length; i++) {
    const word = wordAt(args, i);
    if ((word === "NX" || word === "XX") && (onlyIf === null || onlyIf === word)) onlyIf = word;
    else if (word === "GET") answersOld = true;
    else if (word === "KEEPTTL" && expiry === null) keepsTtl = true;
    else if ((word === "EX" || word === "PX" || word === "EXAT" || word === "PXAT") && expiry === null && !keepsTtl)
      expiry = { unit: word, amount: argAt(args, ++i) };
    else throw syntaxError();
  }
  const expiresAtMs = expiry === null ? null : positiveExpiryMs(expiry.unit, expiry.amount, nowMs, "set");
  return { onlyIf, answersOld, keepsTtl, expiresAtMs };
}

function increment(keys: Keyspace, key: string, delta: bigint): number {
  const { bytes, reply } = added(stringOf(keys, key) ?? Buffer.from("0"), delta);
  put(keys, key, bytes, keys.expiryOf(key) ?? null);
  return reply;
}
