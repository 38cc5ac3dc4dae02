/** What the commands of the embedded engine share: their shape, Redis's errors, and how arguments are read. */
import type { Reply } from "../engine.ts";
import type { HashValue, Keyspace } from "./keyspace.ts";

/** Refuses one command, in Redis's words. */
export class CommandError extends Error {
  override readonly name = "CommandError";
}

/** Arguments without the command's name. */
export type Args = readonly Buffer[];
export type CommandRun = (keys: Keyspace, args: Args) => Reply;

export type CommandSpec = {
  readonly argsMin: number;
  readonly argsMax: number;
  readonly run: CommandRun;
};

/** @param argsMax  Infinity for any number; by default exactly `argsMin` */
export const command = (argsMin: number, run: CommandRun, argsMax: number = argsMin): CommandSpec => ({
  argsMin,
  argsMax,
  run,
});

export const ANY_NUMBER = Number.POSITIVE_INFINITY;

export const wrongArity = (name: string): CommandError =>
  new CommandError(`ERR wrong number of arguments for '${name.toLowerCase()}' command`);
export const notAnInteger = (): CommandError => new CommandError("ERR value is not an integer or out of range");
export const syntaxError = (): CommandError => new CommandError("ERR syntax error");
const wrongType = (): CommandError =>
  new CommandError("WRONGTYPE Operation against a key holding the wrong kind of value");

export function argAt(args: Args, index: number): Buffer {
  const found = args[index];
  if (found === undefined) throw syntaxError();
  return found;
}

export const keyAt = (args: Args, index: number): string => argAt(args, index).toString("latin1");
export const keysIn = (args: Args): string[] => args.map((arg) => arg.toString("latin1"));
export const wordAt = (args: Args, index: number): string => argAt(args, index).toString("latin1").toUpperCase();

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

/** As strict as Redis: no sign but a minus, no leading zeros, no blanks, 64 bits. */
export function integerIn(bytes: Buffer): bigint {
  const text = bytes.toString("latin1");
  if (!/^(?:0|-?[1-9]\d{0,18})$/.test(text)) throw notAnInteger();
  const parsed = BigInt(text);
  if (parsed < INT64_MIN || parsed > INT64_MAX) throw notAnInteger();
  return parsed;
}

/** The text of current + delta. */
export function added(current: Buffer, delta: bigint): { readonly bytes: Buffer; readonly reply: number } {
  const sum = integerIn(current) + delta;
  if (sum < INT64_MIN || sum > INT64_MAX) throw new CommandError("ERR increment or decrement would overflow");
  return { bytes: Buffer.from(String(sum)), reply: Number(sum) };
}

export function stringOf(keys: Keyspace, key: string): Buffer | null {
  const value = keys.get(key);
  if (value === null) return null;
  if (value.kind !== "string") throw wrongType();
  return value.bytes;
}

export function hashOf(keys: Keyspace, key: string): HashValue | null {
  const value = keys.get(key);
  if (value === null) return null;
  if (value.kind !== "hash") throw wrongType();
  return value;
}

/**
 * When an expiry option falls due, epoch milliseconds. `unit` as Redis names it: EX, PX from now; EXAT, PXAT since the
 * epoch. Refused where 64 bits of milliseconds do not hold it.
 */
export function expiryMs(
  unit: "EX" | "PX" | "EXAT" | "PXAT",
  amount: bigint,
  nowMs: number,
  forCommand: string,
): number {
  const scale = unit === "EX" || unit === "EXAT" ? 1_000n : 1n;
  const since = unit === "EX" || unit === "PX" ? BigInt(nowMs) : 0n;
  const atMs = amount * scale + since;
  if (atMs < INT64_MIN || atMs > INT64_MAX)
    throw new CommandError(`ERR invalid expire time in '${forCommand}' command`);
  return Number(atMs);
}
