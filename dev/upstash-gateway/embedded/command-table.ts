/** Finds a command of the embedded engine by its name, checks the number of its arguments and runs it. */
import type { ErrorReply, Reply } from "../engine.ts";
import { type Args, CommandError, type CommandSpec, wrongArity } from "./command-kit.ts";
import { HASH_COMMANDS } from "./hash-commands.ts";
import { KEY_COMMANDS } from "./key-commands.ts";
import type { Keyspace } from "./keyspace.ts";
import { STRING_COMMANDS } from "./string-commands.ts";

export type CommandTable = ReadonlyMap<string, CommandSpec>;

export const DATA_COMMANDS: CommandTable = new Map(
  Object.entries({ ...KEY_COMMANDS, ...STRING_COMMANDS, ...HASH_COMMANDS }),
);

/**
 * What Redis checks before it queues a command of a transaction: that it exists and has enough arguments, or exactly as
 * many where it takes no options. Too many options are found out when it runs.
 */
export function refusalBeforeRun(table: CommandTable, name: string, args: Args): ErrorReply | null {
  const spec = table.get(name.toUpperCase());
  if (spec === undefined) return { error: unknownCommand(name, args) };
  const isExact = spec.argsMin === spec.argsMax;
  const fits = isExact ? args.length === spec.argsMin : args.length >= spec.argsMin;
  return fits ? null : { error: wrongArity(name).message };
}

export function runCommand(table: CommandTable, keys: Keyspace, name: string, args: Args): Reply {
  const refusal = refusalBeforeRun(table, name, args);
  const spec = table.get(name.toUpperCase());
  if (refusal !== null || spec === undefined) return refusal;
  try {
    if (args.length > spec.argsMax) throw wrongArity(name);
    return spec.run(keys, args);
  } catch (cause) {
    if (cause instanceof CommandError) return { error: cause.message };
    throw cause;
  }
}

const ARGS_SHOWN_CHARS_MAX = 128;

function unknownCommand(name: string, args: Args): string {
  let shown = "";
  for (const arg of args) {
    if (shown.length >= ARGS_SHOWN_CHARS_MAX) break;
    shown += `'${arg.toString("utf8").slice(0, ARGS_SHOWN_CHARS_MAX - shown.length)}' `;
  }
  return `ERR unknown command '${name}', with args beginning with: ${shown}`;
}
