/** Keys, their expiry, and the server itself, of the embedded engine. */
import type { Reply } from "../engine.ts";
import {
  ANY_NUMBER,
  type Args,
  argAt,
  CommandError,
  type CommandSpec,
  command,
  expiryMs,
  integerIn,
  keyAt,
  keysIn,
  syntaxError,
  wordAt,
} from "./command-kit.ts";
import { globToRegExp } from "./glob.ts";
import type { Keyspace } from "./keyspace.ts";

export const KEY_COMMANDS: Readonly<Record<string, CommandSpec>> = {
  PING: command(0, (_keys, args) => args[0] ?? "PONG", 1),
  ECHO: command(1, (_keys, args) => argAt(args, 0)),
  TIME: command(0, (keys) => {
    const nowMs = keys.nowMs;
    return [Buffer.from(String(Math.floor(nowMs / 1_000))), Buffer.from(String((nowMs % 1_000) * 1_000))];
  }),
  DBSIZE: command(0, (keys) => keys.keys().length),
  FLUSHALL: command(0, flush, 1),
  FLUSHDB: command(0, flush, 1),
  DEL: command(1, deleteKeys, ANY_NUMBER),
  UNLINK: command(1, deleteKeys, ANY_NUMBER),
  EXISTS: command(1, (keys, args) => keysIn(args).filter((key) => keys.has(key)).length, ANY_NUMBER),
  TOUCH: command(1, (keys, args) => keysIn(args).filter((key) => keys.has(key)).length, ANY_NUMBER),
  TYPE: command(1, (keys, args) => keys.get(keyAt(args, 0))?.kind ?? "none"),
  KEYS: command(1, (keys, args) => matching(keys, keyAt(args, 0))),
  SCAN: command(1, scan, ANY_NUMBER),
  EXPIRE: command(2, (keys, args) => expire(keys, args, "EX", "expire"), 3),
  PEXPIRE: command(2, (keys, args) => expire(keys, args, "PX", "pexpire"), 3),
  EXPIREAT: command(2, (keys, args) => expire(keys, args, "EXAT", "expireat"), 3),
  PEXPIREAT: command(2, (keys, args) => expire(keys, args, "PXAT", "pexpireat"), 3),
  TTL: command(1, (keys, args) => {
    const leftMs = timeToLiveMs(keys, keyAt(args, 0));
    return leftMs < 0 ? leftMs : Math.floor((leftMs + 500) / 1_000);
  }),
  PTTL: command(1, (keys, args) => timeToLiveMs(keys, keyAt(args, 0))),
  PERSIST: command(1, (keys, args) => {
    const key = keyAt(args, 0);
    const value = keys.get(key);
    if (value === null || keys.expiryOf(key) === null) return 0;
    keys.set(key, value, null);
    return 1;
  }),
};

/** −1: stays for ever. −2: no such key. */
function timeToLiveMs(keys: Keyspace, key: string): number {
  const expiresAtMs = keys.expiryOf(key);
  if (expiresAtMs === undefined) return -2;
  return expiresAtMs === null ? -1 : expiresAtMs - keys.nowMs;
}

function flush(keys: Keyspace, args: Args): "OK" {
  if (args.length > 0 && wordAt(args, 0) !== "SYNC" && wordAt(args, 0) !== "ASYNC") throw syntaxError();
  keys.clear();
  return "OK";
}

function deleteKeys(keys: Keyspace, args: Args): number {
  return keysIn(args).filter((key) => keys.delete(key)).length;
}

function matching(keys: Keyspace, glob: string): Buffer[] {
  const pattern = globToRegExp(glob);
  return keys
    .keys()
    .filter((key) => pattern.test(key))
    .map((key) => Buffer.from(key, "latin1"));
}

/** All at once and done: COUNT is only a hint, and a scan in one step can miss nothing. */
function scan(keys: Keyspace, args: Args): Reply {
  if (!/^\d{1,20}$/.test(keyAt(args, 0))) throw new CommandError("ERR invalid cursor");
  let glob = "*";
  let type: string | null = null;
  for (let i = 1; i < args.length; i += 2) {
    const value = argAt(args, i + 1);
    const option = wordAt(args, i);
    if (option === "MATCH") glob = value.toString("latin1");
    else if (option === "TYPE") type = value.toString("latin1").toLowerCase();
    else if (option !== "COUNT" || integerIn(value) < 1n) throw syntaxError();
  }
  const found = matching(keys, glob).filter((key) => type === null || keys.get(key.toString("latin1"))?.kind === type);
  return [Buffer.from("0"), found];
}

function expire(keys: Keyspace, args: Args, unit: "EX" | "PX" | "EXAT" | "PXAT", name: string): 0 | 1 {
  const key = keyAt(args, 0);
  const atMs = expiryMs(unit, integerIn(argAt(args, 1)), keys.nowMs, name);
  const condition = args.length > 2 ? wordAt(args, 2) : null;
  if (condition !== null && !["NX", "XX", "GT", "LT"].includes(condition)) {
    throw new CommandError(`ERR Unsupported option ${argAt(args, 2).toString("utf8")}`);
  }
  const value = keys.get(key);
  if (value === null || !allows(condition, keys.expiryOf(key) ?? null, atMs)) return 0;
  keys.set(key, value, atMs);
  return 1;
}

/** A key without expiry counts as one that never ends. */
function allows(condition: string | null, currentMs: number | null, atMs: number): boolean {
  switch (condition) {
    case "NX":
      return currentMs === null;
    case "XX":
      return currentMs !== null;
    case "GT":
      return currentMs !== null && atMs > currentMs;
    case "LT":
      return currentMs === null || atMs < currentMs;
    default:
      return true;
  }
}
