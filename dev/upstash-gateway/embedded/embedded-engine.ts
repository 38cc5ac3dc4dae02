/**
 * An engine inside this process, for machines without redis-server: strings, hashes, expiry and scripts, answering as
 * redis-server does (a test compares the two). Everything else is an unknown command here.
 */
import { type Command, type Engine, EngineDown, type ErrorReply, type Reply } from "../engine.ts";
import {
  ANY_NUMBER,
  type Args,
  argAt,
  CommandError,
  type CommandSpec,
  command,
  integerIn,
  wordAt,
} from "./command-kit.ts";
import { type CommandTable, DATA_COMMANDS, refusalBeforeRun, runCommand } from "./command-table.ts";
import { Keyspace } from "./keyspace.ts";
import { LuaScripts } from "./lua-scripts.ts";

/** @param now  epoch milliseconds; a test may let time pass without waiting */
export function startEmbeddedEngine(now: () => number = Date.now): Engine {
  let store: Store | null = new Store(now);
  const alive = (): Store => {
    if (store === null) throw new EngineDown("the embedded engine was killed");
    return store;
  };
  return {
    kind: "embedded",
    redisVersion: null,
    pid: () => null,
    run: async (commands) => alive().run(commands),
    transact: async (commands) => alive().transact(commands),
    async kill() {
      store = null;
    },
    async restart() {
      store ??= new Store(now);
    },
    async close() {
      store = null;
    },
  };
}

/** One life of the engine: what dies with it. */
class Store {
  readonly #keys: Keyspace;
  readonly #scripts: LuaScripts;
  readonly #table: CommandTable;

  constructor(now: () => number) {
    this.#keys = new Keyspace(now);
    // A script reaches data commands only, so it cannot call another script.
    this.#scripts = new LuaScripts((name, args) => runCommand(DATA_COMMANDS, this.#keys, name, args));
    this.#table = new Map([...DATA_COMMANDS, ...Object.entries(scriptCommands(this.#scripts))]);
  }

  run(commands: readonly Command[]): readonly Reply[] {
    return commands.map(([name, ...args]) => runCommand(this.#table, this.#keys, name, args.map(bytesOf)));
  }

  transact(commands: readonly Command[]): readonly Reply[] | ErrorReply {
    for (const [name, ...args] of commands) {
      const refusal = refusalBeforeRun(this.#table, name, args.map(bytesOf));
      if (refusal !== null) return refusal;
    }
    return this.run(commands);
  }
}

const bytesOf = (arg: string | Buffer): Buffer => (typeof arg === "string" ? Buffer.from(arg, "utf8") : arg);

function scriptCommands(scripts: LuaScripts): Record<string, CommandSpec> {
  return {
    EVAL: command(
      2,
      (_keys, args) => {
        const [keys, rest] = splitKeys(args);
        return scripts.evaluate(argAt(args, 0), keys, rest);
      },
      ANY_NUMBER,
    ),
    EVALSHA: command(
      2,
      (_keys, args) => {
        const [keys, rest] = splitKeys(args);
        return scripts.evaluateSha(argAt(args, 0).toString("latin1"), keys, rest);
      },
      ANY_NUMBER,
    ),
    SCRIPT: command(1, (_keys, args) => script(scripts, args), ANY_NUMBER),
  };
}

/** What follows the script: how many keys, the keys, the other arguments. */
function splitKeys(args: Args): readonly [keys: Args, rest: Args] {
  const count = Number(integerIn(argAt(args, 1)));
  if (count < 0) throw new CommandError("ERR Number of keys can't be negative");
  if (count > args.length - 2) throw new CommandError("ERR Number of keys can't be greater than number of args");
  return [args.slice(2, 2 + count), args.slice(2 + count)];
}

function script(scripts: LuaScripts, args: Args): Reply {
  const subcommand = wordAt(args, 0);
  if (subcommand === "LOAD" && args.length === 2) {
    const loaded = scripts.load(argAt(args, 1));
    return "sha" in loaded ? Buffer.from(loaded.sha) : loaded;
  }
  if (subcommand === "EXISTS" && args.length > 1) {
    return args.slice(1).map((sha) => (scripts.has(sha.toString("latin1")) ? 1 : 0));
  }
  if (subcommand === "FLUSH" && args.length <= 2) {
    scripts.flush();
    return "OK";
  }
  throw new CommandError(
    `ERR unknown subcommand or wrong number of arguments for '${argAt(args, 0).toString("utf8")}'. Try SCRIPT HELP.`,
  );
}
