/**
 * The endpoint of a receiver that verifies: each request's signature by the reference library, against every secret it
 * holds. It can be told to refuse, to hang, and to lose its answers. Binds 127.0.0.1 only.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Webhook } from "standardwebhooks";
import { type HttpAnswer, readBody, sendAnswer } from "../shopify-simulator/http/http-io.ts";

/**
 * `times`: so many requests, then it answers again; without it until told otherwise. `about`: only those whose body holds
 * this text.
 */
export type Behaviour =
  | { readonly kind: "answer" }
  | {
      readonly kind: "refuse";
      readonly status: number;
      readonly retryAfterSeconds?: number;
      readonly about?: string;
      readonly times?: number;
    }
  | { readonly kind: "hang"; readonly times?: number }
  /** It takes what it gets, and cuts the line before its answer. */
  | { readonly kind: "lose_answer"; readonly times?: number };

export type ReceiverStats = {
  requests: number;
  /** Verified, taken and answered 2xx (or the answer was lost on purpose). */
  taken: number;
  badSignatures: number;
  /** Came again under a webhook-id that was taken before. */
  repeated: number;
  /** Came under a known webhook-id with another body: an id must stand for one content. */
  idsReused: number;
  /** Refused, hung or cut on purpose. */
  disturbed: number;
};

export type Received = {
  readonly path: string;
  readonly webhookId: string;
  readonly body: unknown;
  readonly atMs: number;
  /** Taken before under this id. */
  readonly isRepeat: boolean;
};

export type ReceiverOptions = {
  readonly port?: number;
  /** Paths that no signature guards (a chat's incoming webhook): told apart by the path alone. */
  readonly unsigned?: (path: string) => boolean;
  take(received: Received): void;
  /** What is not an event: the control route, a page. Null: 404. */
  other?(request: OtherRequest): Promise<HttpAnswer | null> | HttpAnswer | null;
};

export type OtherRequest = {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

export class SignedReceiver {
  url = "";
  behaviour: Behaviour = { kind: "answer" };
  /** All that are in force. */
  secrets: readonly string[] = [];
  /** Told of all that is taken, beside whoever the receiver is. */
  onTaken: (received: Received) => void = () => {};
  readonly stats: ReceiverStats = { requests: 0, taken: 0, badSignatures: 0, repeated: 0, idsReused: 0, disturbed: 0 };
  readonly #options: ReceiverOptions;
  readonly #bodies = new Map<string, string>();
  readonly #hanging = new Set<ServerResponse>();
  readonly #server = createServer((request, response) => {
    this.#handle(request, response).catch((error: unknown) => {
      const message = error instanceof Error ? error.message : String(error);
      sendAnswer(response, { status: 500, body: { error: `simulator: ${message}` } });
    });
  });

  constructor(options: ReceiverOptions) {
    this.#options = options;
  }

  async listen(): Promise<void> {
    this.#server.keepAliveTimeout = 60_000;
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(this.#options.port ?? 0, "127.0.0.1", resolve);
    });
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): Promise<void> {
    for (const response of this.#hanging) response.destroy();
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? "/", "http://127.0.0.1").pathname;
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [
        name,
        Array.isArray(value) ? value.join(",") : (value ?? ""),
      ]),
    );
    const body = await readBody(request);
    const isEvent = request.method === "POST" && !path.startsWith("/_");
    if (!isEvent) {
      const answer = await this.#options.other?.({ method: request.method ?? "GET", path, headers, body });
      sendAnswer(response, answer ?? { status: 404, body: { error: "nothing is here" } });
      return;
    }
    this.stats.requests += 1;
    const behaviour = this.#nextBehaviour(body);
    if (behaviour.kind === "refuse") {
      this.stats.disturbed += 1;
      const { status, retryAfterSeconds } = behaviour;
      const retryAfter = retryAfterSeconds === undefined ? {} : { "Retry-After": `${retryAfterSeconds}` };
      sendAnswer(response, { status, body: { error: "told to refuse" }, headers: retryAfter });
      return;
    }
    if (behaviour.kind === "hang") {
      this.stats.disturbed += 1;
      this.#hanging.add(response);
      response.on("close", () => this.#hanging.delete(response));
      return;
    }
    const answer = this.#take(path, headers, body);
    if (behaviour.kind === "lose_answer") {
      this.stats.disturbed += 1;
      response.destroy();
      return;
    }
    sendAnswer(response, answer);
  }

  #take(path: string, headers: Readonly<Record<string, string>>, body: string): HttpAnswer {
    const isSigned = this.#options.unsigned?.(path) !== true;
    if (isSigned && !this.#verifies(headers, body)) {
      this.stats.badSignatures += 1;
      return { status: 401, body: { error: "signature" } };
    }
    const webhookId = headers["webhook-id"] ?? `unsigned-${this.stats.requests}`;
    const known = this.#bodies.get(webhookId);
    if (known === undefined) this.#bodies.set(webhookId, contentOf(body));
    else this.stats.repeated += 1;
    if (known !== undefined && known !== contentOf(body)) this.stats.idsReused += 1;
    this.stats.taken += 1;
    const received = { path, webhookId, body: JSON.parse(body), atMs: Date.now(), isRepeat: known !== undefined };
    this.#options.take(received);
    this.onTaken(received);
    return { status: 204, body: "" };
  }

  #verifies(headers: Readonly<Record<string, string>>, body: string): boolean {
    return this.secrets.some((secret) => {
      try {
        new Webhook(secret).verify(body, headers as Record<string, string>);
        return true;
      } catch {
        return false;
      }
    });
  }

  #nextBehaviour(body: string): Behaviour {
    const now = this.behaviour;
    if (now.kind === "refuse" && now.about !== undefined && !body.includes(now.about)) return { kind: "answer" };
    if (now.kind === "answer" || now.times === undefined) return now;
    this.behaviour = now.times <= 1 ? { kind: "answer" } : { ...now, times: now.times - 1 };
    return now;
  }
}

/** When it is said, and when levels were read for it: of each try its own, where the content is the same. */
const OF_THE_TRY = ["timestamp", "asOf"];

const contentOf = (body: string): string =>
  JSON.stringify(JSON.parse(body, (name, value: unknown) => (OF_THE_TRY.includes(name) ? undefined : value)));
