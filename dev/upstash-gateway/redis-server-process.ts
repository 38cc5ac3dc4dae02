/**
 * Finds and runs a redis-server of our own: on a Unix socket in a private directory, so that no port is taken and
 * nothing else can reach it. It ends with this process.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

const STDERR_CHARS_MAX = 2_000; // enough for redis-server's own complaint about a bad option

/** Full path of the redis-server that the shell would run, or null when none is installed. */
export function findRedisServer(): string | null {
  const { PATH = "" } = process.env;
  for (const directory of PATH.split(delimiter)) {
    if (directory === "") continue;
    const candidate = join(directory, "redis-server");
    try {
      accessSync(candidate, constants.X_OK);
      return candidate;
    } catch {
      // Not here; the next directory decides.
    }
  }
  return null;
}

export type RedisDirectories = { readonly data: string; readonly socket: string; remove(): void };

/** The socket is always in a fresh temporary directory: its whole path must fit in about 100 bytes. */
export function openRedisDirectories(givenData: string | undefined): RedisDirectories {
  if (givenData !== undefined) mkdirSync(givenData, { recursive: true });
  const temporary = mkdtempSync(join(tmpdir(), "onhand-redis-"));
  return {
    data: givenData ?? temporary,
    socket: temporary,
    remove: () => rmSync(temporary, { recursive: true, force: true }),
  };
}

/** "none": memory only, a death forgets all. "every-write": append-only file, fsync before each reply (benchmarks). */
export type Durability = "none" | "every-write";

export type RedisServerProcess = {
  readonly pid: number;
  readonly socketPath: string;
  isAlive(): boolean;
  /**
   * Waits until it is gone. Always by SIGKILL: a script that never ends makes it deaf to anything milder, and there is
   * nothing to save: either all is forgotten by design, or each write is on disk already.
   */
  kill(): Promise<void>;
  /** What it said, once it has ended: why it could not start. */
  lastWords(): Promise<string>;
};

/** @throws Error when the program cannot be started at all. */
export function spawnRedisServer(
  binary: string,
  directories: RedisDirectories,
  durability: Durability,
): RedisServerProcess {
  const socketPath = join(directories.socket, "redis.sock");
  const options = redisOptions(directories.data, socketPath, durability);
  const child = spawn(binary, options, { stdio: ["ignore", "pipe", "pipe"] });
  child.on("error", () => {}); // told below, or by isAlive; unheard, the event would end this process
  if (child.pid === undefined) throw new Error(`cannot start ${binary}`);
  let said = "";
  const listen = (chunk: Buffer): void => {
    said = (said + chunk.toString("utf8")).slice(-STDERR_CHARS_MAX);
  };
  child.stdout.on("data", listen);
  child.stderr.on("data", listen);
  const allSaid = new Promise((resolve) => child.once("close", resolve));
  const endWithUs = (): void => {
    child.kill("SIGKILL");
  };
  process.once("exit", endWithUs);
  child.once("exit", () => process.removeListener("exit", endWithUs));
  return {
    pid: child.pid,
    socketPath,
    isAlive: () => hasNotEnded(child),
    async kill() {
      if (!hasNotEnded(child)) return;
      const gone = once(child, "exit");
      child.kill("SIGKILL");
      await gone;
    },
    async lastWords() {
      await allSaid;
      return said.trim();
    },
  };
}

const hasNotEnded = (child: ChildProcess): boolean => child.exitCode === null && child.signalCode === null;

function redisOptions(data: string, socketPath: string, durability: Durability): string[] {
  const fixed = ["--port", "0", "--unixsocket", socketPath, "--unixsocketperm", "700", "--dir", data];
  const quiet = ["--daemonize", "no", "--loglevel", "warning", "--save", ""];
  const durable =
    durability === "every-write" ? ["--appendonly", "yes", "--appendfsync", "always"] : ["--appendonly", "no"];
  return [...fixed, ...quiet, ...durable];
}
