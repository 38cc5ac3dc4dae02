/**
 * What stands behind the gateway: something that answers Redis commands. Two kinds exist, a real redis-server and an
 * embedded one; the same tests run against both. If the two answered differently, a stack without redis-server would
 * prove nothing about Upstash.
 */

/** Command name and its arguments. Text is sent as UTF-8; a Buffer is raw bytes (a value posted as a request body). */
export type Command = readonly [name: string, ...args: (string | Buffer)[]];

/** Redis refused this one command. The message starts with Redis's code: "ERR …", "WRONGTYPE …". */
export type ErrorReply = { readonly error: string };

/** A bulk string is its bytes; a status ("OK", "PONG") is its text. Nil is null. */
export type Reply = null | number | string | Buffer | ErrorReply | readonly Reply[];

export const isErrorReply = (reply: Reply): reply is ErrorReply =>
  typeof reply === "object" && reply !== null && "error" in reply;

/** The engine cannot be reached: no command of the batch has a known outcome. */
export class EngineDown extends Error {
  override readonly name = "EngineDown";
}

export interface Engine {
  readonly kind: "redis-server" | "embedded";
  /** As `INFO server` tells it; null for the embedded engine. */
  readonly redisVersion: string | null;
  /** Process id of redis-server while it runs, else null. */
  pid(): number | null;
  /** Runs the commands in order, one reply each. Others may run in between. Rejects with EngineDown. */
  run(commands: readonly Command[]): Promise<readonly Reply[]>;
  /** Runs all or, when one cannot even be queued, none (then an ErrorReply). Rejects with EngineDown. */
  transact(commands: readonly Command[]): Promise<readonly Reply[] | ErrorReply>;
  /** Dies at once as by SIGKILL. Data that was not made durable is gone. */
  kill(): Promise<void>;
  /** Comes back after a death; resolves when it answers again. Does nothing while it runs. */
  restart(): Promise<void>;
  close(): Promise<void>;
}
