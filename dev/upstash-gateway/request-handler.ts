/**
 * One HTTP request: token, injected fault, parse, engine, answer. It must answer as Upstash does where the client looks:
 * a kinder answer here would hide a fault that production then shows.
 */
import { timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { type Command, type Engine, EngineDown, type ErrorReply, isErrorReply, type Reply } from "./engine.ts";
import type { Failure, Faults } from "./faults.ts";
import { asUpstashSays, refusalOf } from "./rest-commands.ts";
import { type Encoding, envelope, envelopes } from "./rest-reply.ts";
import { parseRestRequest, type RestRequest } from "./rest-request.ts";
import type { StatsCounter } from "./stats.ts";

/** Upstash's own limit of a plan without one; it counts single commands, we count the whole body: never kinder. */
const BODY_BYTES_MAX = 10 * 1024 * 1024;
const METHODS = new Set(["HEAD", "GET", "POST", "PUT"]);

const WRONG_TOKEN =
  "WRONGPASS invalid or missing auth token. See https://docs.upstash.com/redis/troubleshooting/http_unauthorized for details.";

type Answer = { readonly status: number; readonly body: string };

const refusal = (status: number, error: string): Answer => ({ status, body: JSON.stringify({ error }) });

export class RequestHandler {
  readonly #engine: Engine;
  readonly #token: Buffer;
  readonly #faults: Faults;
  readonly #stats: StatsCounter;
  // Upstash's counter of writes, which a client sends back to see its own: here there is one copy, never behind.
  #syncToken = 0;

  constructor(engine: Engine, token: string, faults: Faults, stats: StatsCounter) {
    this.#engine = engine;
    this.#token = Buffer.from(token);
    this.#faults = faults;
    this.#stats = stats;
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#stats.add("requests");
    const body = await readBody(request);
    const failure = this.#faults.take();
    if (failure !== null) this.#stats.add("faults");
    if (this.#faults.latencyMs > 0) await sleep(this.#faults.latencyMs);
    if (failure !== null && !(failure.kind === "refuse" && failure.applied)) {
      this.#fail(failure, request, response);
      return;
    }
    const answer = await this.#answer(request, body);
    if (failure !== null) request.socket.destroy();
    else this.#send(response, answer, request.method === "HEAD");
  }

  async #answer(request: IncomingMessage, body: Buffer | null): Promise<Answer> {
    const { path, query } = targetOf(request);
    if (!METHODS.has(request.method ?? "")) {
      this.#stats.add("malformed");
      return { status: 405, body: "" };
    }
    if (!this.#isAllowed(request, query)) {
      this.#stats.add("unauthorized");
      return refusal(401, WRONG_TOKEN);
    }
    if (body === null) return this.#malformed(413, `ERR max request size exceeded. Limit: ${BODY_BYTES_MAX} bytes`);
    const format = request.headers["upstash-response-format"] ?? "json";
    if (format !== "json") return this.#malformed(400, "ERR only the response format json is supported here");
    query.delete("_token");
    const encoding = request.headers["upstash-encoding"] === "base64" ? "base64" : "plain";
    try {
      return await this.#execute(parseRestRequest(path, query, body), encoding);
    } catch (cause) {
      if (!(cause instanceof EngineDown)) throw cause;
      this.#stats.add("engineDown");
      return refusal(503, "ERR the database is not reachable");
    }
  }

  async #execute(parsed: RestRequest, encoding: Encoding): Promise<Answer> {
    switch (parsed.kind) {
      case "malformed":
        return this.#malformed(400, parsed.error);
      case "single": {
        this.#stats.add("single");
        const [reply] = await this.#run([parsed.command]);
        return { status: isErrorReply(reply ?? null) ? 400 : 200, body: envelope(reply ?? null, encoding) };
      }
      case "pipeline":
        this.#stats.add("pipelines");
        return { status: 200, body: envelopes(await this.#run(parsed.commands), encoding) };
      case "transaction": {
        this.#stats.add("transactions");
        const outcome = await this.#transact(parsed.commands);
        return isErrorReply(outcome)
          ? { status: 400, body: envelope(asUpstashSays(outcome), encoding) }
          : { status: 200, body: envelopes(outcome, encoding) };
      }
    }
  }

  /** A refused command takes its place among the replies; the others run. */
  async #run(commands: readonly Command[]): Promise<readonly Reply[]> {
    const refusals = commands.map(refusalOf);
    const allowed = commands.filter((_, i) => refusals[i] === null);
    const replies = (await this.#engine.run(allowed)).values();
    for (const [name] of allowed) this.#stats.addCommand(name);
    return this.#counted(refusals.map((refused) => refused ?? asUpstashSays(replies.next().value ?? null)));
  }

  /** One refused command discards them all. */
  async #transact(commands: readonly Command[]): Promise<readonly Reply[] | ErrorReply> {
    const refused = commands.map(refusalOf).find((reply) => reply !== null);
    if (refused !== undefined) return refused;
    const outcome = await this.#engine.transact(commands);
    for (const [name] of commands) this.#stats.addCommand(name);
    return isErrorReply(outcome) ? outcome : this.#counted(outcome);
  }

  #counted(replies: readonly Reply[]): readonly Reply[] {
    this.#syncToken++;
    for (const reply of replies) if (isErrorReply(reply)) this.#stats.add("commandErrors");
    return replies;
  }

  #malformed(status: number, error: string): Answer {
    this.#stats.add("malformed");
    return refusal(status, error);
  }

  /** `?_token=` wins over the header, which may hold the token with or without "Bearer". */
  #isAllowed(request: IncomingMessage, query: URLSearchParams): boolean {
    const text = query.get("_token") ?? request.headers.authorization?.replace(/^bearer\s+/i, "") ?? "";
    const given = Buffer.from(text);
    return given.length === this.#token.length && timingSafeEqual(given, this.#token);
  }

  #send(response: ServerResponse, { status, body }: Answer, headOnly: boolean): void {
    response.writeHead(status, {
      "content-type": "application/json; charset=utf-8",
      "content-length": Buffer.byteLength(body),
      "upstash-sync-token": this.#syncToken.toString(32),
    });
    response.end(headOnly ? undefined : body);
  }

  #fail(failure: Failure, request: IncomingMessage, response: ServerResponse): void {
    switch (failure.kind) {
      case "hang":
        this.#faults.hang(request.socket);
        if (failure.at === "body") response.writeHead(200, { "content-type": "application/json" }).write("[");
        return;
      case "status":
        this.#send(response, refusal(failure.status, failure.error), false);
        return;
      case "garbled":
        this.#send(response, { status: 200, body: "<html>bad gateway</html>" }, false);
        return;
      case "refuse":
        request.socket.destroy();
    }
  }
}

/** The path stays as it was sent: a URL parser would resolve a key that is called "..". */
function targetOf(request: IncomingMessage): { readonly path: string; readonly query: URLSearchParams } {
  const target = request.url ?? "/";
  const mark = target.indexOf("?");
  if (mark < 0) return { path: target, query: new URLSearchParams() };
  return { path: target.slice(0, mark), query: new URLSearchParams(target.slice(mark + 1)) };
}

/** The whole body, or null when it is too large (the rest is read and thrown away, so that the answer gets through). */
function readBody(request: IncomingMessage): Promise<Buffer | null> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= BODY_BYTES_MAX) chunks.push(chunk);
    });
    request.once("end", () => resolve(bytes <= BODY_BYTES_MAX ? Buffer.concat(chunks, bytes) : null));
    request.once("error", reject);
  });
}
