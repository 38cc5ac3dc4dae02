/**
 * The real thing: a redis-server process of our own, spoken to in RESP through one ioredis connection.
 * One connection is enough (Redis runs one command at a time) and keeps the order of a pipeline. Commands are never
 * queued while it is away nor sent again after a reconnect: the caller is told at once and decides itself.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { Redis, ReplyError, Command as WireCommand } from "ioredis";
import { type Command, type Engine, EngineDown, type ErrorReply, isErrorReply, type Reply } from "./engine.ts";
import {
  type Durability,
  openRedisDirectories,
  type RedisDirectories,
  type RedisServerProcess,
  spawnRedisServer,
} from "./redis-server-process.ts";

const START_MS_MAX = 10_000; // a cold start takes some 50 ms; a large append-only file takes longer to load
const READY_POLL_MS = 10;
// Constant, not growing: the server is local, and after a restart the first answer should not wait for a long pause.
const RECONNECT_MS = 100;

export type RedisServerOptions = {
  readonly binary: string;
  /** Where its data lies, kept at the end. Without it: a temporary directory. */
  readonly directory?: string | undefined;
  readonly durability: Durability;
};

/** @throws Error with redis-server's own words when it does not come up. */
export async function startRedisServerEngine(options: RedisServerOptions): Promise<Engine> {
  const directories = openRedisDirectories(options.directory);
  const start = (): RedisServerProcess => spawnRedisServer(options.binary, directories, options.durability);
  try {
    const server = start();
    const client = connect(server.socketPath);
    try {
      await waitUntilReady(client, server);
      return engineOf(client, server, start, directories, await versionOf(client));
    } catch (cause) {
      client.disconnect();
      await server.kill();
      throw cause;
    }
  } catch (cause) {
    directories.remove();
    throw cause;
  }
}

const versionOf = async (client: Redis): Promise<string | null> =>
  /redis_version:(\S+)/.exec(await client.info("server"))?.[1] ?? null;

function engineOf(
  client: Redis,
  first: RedisServerProcess,
  start: () => RedisServerProcess,
  directories: RedisDirectories,
  redisVersion: string | null,
): Engine {
  let server = first;
  return {
    kind: "redis-server",
    redisVersion,
    pid: () => (server.isAlive() ? server.pid : null),
    run: (commands) => runInOrder(client, commands),
    transact: (commands) => transact(client, commands),
    kill: () => server.kill(),
    async restart() {
      if (!server.isAlive()) server = start();
      await waitUntilReady(client, server);
    },
    async close() {
      client.disconnect();
      await server.kill();
      directories.remove();
    },
  };
}

function connect(socketPath: string): Redis {
  const client = new Redis({
    path: socketPath,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    maxRetriesPerRequest: 0, // what was under way when it died is rejected at once, not after some reconnects
    retryStrategy: () => RECONNECT_MS,
  });
  client.on("error", () => {}); // each command learns of it by its own rejection; unheard, the event would end the process
  return client;
}

async function waitUntilReady(client: Redis, server: RedisServerProcess): Promise<void> {
  for (let waitedMs = 0; waitedMs < START_MS_MAX; waitedMs += READY_POLL_MS) {
    if (!server.isAlive()) throw new Error(`redis-server ended at its start: ${await server.lastWords()}`);
    if (client.status === "ready" && (await answers(client))) return;
    await sleep(READY_POLL_MS);
  }
  throw new Error(`redis-server did not answer within ${START_MS_MAX} ms`);
}

const answers = (client: Redis): Promise<boolean> =>
  client.ping().then(
    () => true,
    () => false,
  );

function runInOrder(client: Redis, commands: readonly Command[]): Promise<readonly Reply[]> {
  // One write to the socket for all of them, not one each.
  client.stream.cork();
  const replies = Promise.all(commands.map((command) => send(client, command)));
  client.stream.uncork();
  return replies;
}

async function transact(client: Redis, commands: readonly Command[]): Promise<readonly Reply[] | ErrorReply> {
  // Written within one turn to one connection, so nothing of another request comes between MULTI and EXEC.
  const [, ...answers] = await runInOrder(client, [["MULTI"], ...commands, ["EXEC"]]);
  const outcome = answers.pop() ?? null;
  if (Array.isArray(outcome)) return outcome;
  // EXECABORT says nothing of the cause; the first command that could not be queued does.
  return answers.find(isErrorReply) ?? { error: "EXECABORT Transaction discarded because of previous errors." };
}

async function send(client: Redis, [name, ...args]: Command): Promise<Reply> {
  // Upper case is more than looks: ioredis turns replies of "hgetall" and its like into objects by their lower-case name.
  const command = new WireCommand(name.toUpperCase(), args, { replyEncoding: null });
  try {
    return replyOf(await client.sendCommand(command));
  } catch (cause) {
    if (cause instanceof Error && cause instanceof ReplyError) return { error: cause.message };
    throw new EngineDown("redis-server cannot be reached", { cause });
  }
}

/** Inside an array (EXEC's answer, a script's) a failure is an Error object. */
function replyOf(given: unknown): Reply {
  if (Array.isArray(given)) return given.map(replyOf);
  return given instanceof Error ? { error: given.message } : (given as null | number | Buffer);
}
