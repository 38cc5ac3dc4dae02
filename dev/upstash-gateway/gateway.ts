/**
 * The Upstash REST protocol on loopback, so that the Worker's real client runs without an account: over a real
 * redis-server, or over the embedded engine where none is installed.
 */
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { startEmbeddedEngine } from "./embedded/embedded-engine.ts";
import { type Command, type Engine, isErrorReply, type Reply } from "./engine.ts";
import { Faults } from "./faults.ts";
import { startRedisServerEngine } from "./redis-server-engine.ts";
import { type Durability, findRedisServer } from "./redis-server-process.ts";
import { RequestHandler } from "./request-handler.ts";
import { type GatewayStats, StatsCounter } from "./stats.ts";

// Longer than a client keeps an idle connection, so that it is the client that closes it: no reset in mid-request.
const KEEP_ALIVE_MS = 60_000;

export type UpstashGatewayOptions = {
  /** A free one without it. */
  readonly port?: number | undefined;
  readonly token: string;
  /** "auto" (default): redis-server when one is in PATH, else embedded. */
  readonly engine?: "auto" | "redis-server" | "embedded" | undefined;
  /** Directory for redis-server's data; a temporary one without it. */
  readonly redisDir?: string | undefined;
  /** Of redis-server. "none" (default): nothing outlives its process. */
  readonly durability?: Durability | undefined;
};

export interface UpstashGateway {
  readonly url: string;
  readonly token: string;
  readonly engine: "redis-server" | "embedded";
  readonly redisVersion: string | null;
  /** Of redis-server while it runs, else null. Another one after a restart. */
  readonly pid: number | null;
  readonly faults: Faults;
  /** One command past HTTP, faults and stats, for inspection. Strings as UTF-8. Throws an Error with Redis's words. */
  command(...command: Command): Promise<unknown>;
  stats(): GatewayStats;
  /** As SIGKILL: requests are answered 503 until `restartEngine`, and what was in memory is gone. */
  killEngine(): Promise<void>;
  restartEngine(): Promise<void>;
  close(): Promise<void>;
}

/** @throws Error when redis-server is asked for and is not installed or does not start, or when the port is taken. */
export async function startUpstashGateway(options: UpstashGatewayOptions): Promise<UpstashGateway> {
  const engine = await startEngine(options);
  const faults = new Faults();
  const stats = new StatsCounter();
  const handler = new RequestHandler(engine, options.token, faults, stats);
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
    handler.handle(request, response).catch(() => request.socket.destroy());
  });
  try {
    server.listen(options.port ?? 0, "127.0.0.1");
    await once(server, "listening");
  } catch (cause) {
    await engine.close();
    throw cause;
  }
  return {
    url: `http://127.0.0.1:${portOf(server)}`,
    token: options.token,
    engine: engine.kind,
    redisVersion: engine.redisVersion,
    get pid() {
      return engine.pid();
    },
    faults,
    command: (...command) => inspect(engine, command),
    stats: () => stats.snapshot(),
    killEngine: () => engine.kill(),
    restartEngine: () => engine.restart(),
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
      await engine.close();
    },
  };
}

function startEngine(options: UpstashGatewayOptions): Promise<Engine> {
  const wanted = options.engine ?? "auto";
  const binary = wanted === "embedded" ? null : findRedisServer();
  if (binary !== null) {
    return startRedisServerEngine({ binary, directory: options.redisDir, durability: options.durability ?? "none" });
  }
  if (wanted === "redis-server") throw new Error("no redis-server in PATH");
  return Promise.resolve(startEmbeddedEngine());
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the gateway has no port");
  return address.port;
}

async function inspect(engine: Engine, command: Command): Promise<unknown> {
  const [reply] = await engine.run([command]);
  return plain(reply ?? null);
}

function plain(reply: Reply): unknown {
  if (Buffer.isBuffer(reply)) return reply.toString("utf8");
  if (Array.isArray(reply)) return reply.map(plain);
  if (isErrorReply(reply)) throw new Error(reply.error);
  return reply;
}
