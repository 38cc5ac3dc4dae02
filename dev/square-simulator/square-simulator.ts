/**
 * A Square on loopback: its inventory API, signed webhooks for every count that changes, and a control door behind a token of
 * its own, by which a till is played and calls and deliveries are disturbed. README.md has its rules.
 */
import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type HttpAnswer, readBody, sendAnswer } from "../shopify-simulator/http/http-io.ts";
import { SeededRandom } from "../shopify-simulator/model/seeded-random.ts";
import { answerControl, CONTROL_PREFIX } from "./control-routes.ts";
import { SquareModel } from "./square-model.ts";
import { SquareWebhooks } from "./square-webhooks.ts";

export type SquareOptions = {
  readonly port?: number;
  readonly seed?: number;
  /** @default one of its own, as `accessToken` tells */
  readonly accessToken?: string;
  readonly now?: () => number;
};

/** How its API answers; `times`: so many calls, then it answers again. Without it until told otherwise. */
export type Behaviour =
  | { readonly kind: "answer" }
  | { readonly kind: "refuse"; readonly status: number; readonly times?: number }
  /** It does what it is told, and cuts the line before its answer. */
  | { readonly kind: "lose_answer"; readonly times?: number };

export class SquareSimulator {
  /** Its origin: what the channel has as `endpoint`. */
  endpoint = "";
  readonly accessToken: string;
  readonly controlToken = randomBytes(16).toString("hex");
  readonly model: SquareModel;
  readonly webhooks: SquareWebhooks;
  behaviour: Behaviour = { kind: "answer" };
  /** Calls of its API by path, and those that were disturbed on purpose. */
  readonly #calls = new Map<string, number>();
  #disturbed = 0;
  #told = 0;
  readonly #options: SquareOptions;
  readonly #server = createServer((request, response) => {
    this.#handle(request, response).catch((error: unknown) => {
      const message = error instanceof Error ? error.message : String(error);
      sendAnswer(response, { status: 422, body: { error: `simulator: ${message}` } });
    });
  });

  constructor(options: SquareOptions = {}) {
    this.#options = options;
    this.accessToken = options.accessToken ?? randomBytes(24).toString("hex");
    this.model = new SquareModel(options.now ?? (() => Date.now()), this.accessToken);
    this.webhooks = new SquareWebhooks(new SeededRandom(options.seed ?? 1).fork("square"));
  }

  get books() {
    return this.model.books;
  }

  get stats() {
    return { calls: Object.fromEntries(this.#calls), disturbed: this.#disturbed, webhooks: this.webhooks.stats };
  }

  async listen(): Promise<void> {
    this.#server.keepAliveTimeout = 60_000;
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(this.#options.port ?? 0, "127.0.0.1", resolve);
    });
    this.endpoint = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** From now on it tells of each count that changes; may be called again with another key. */
  connect(notificationUrl: string, signatureKey: string): void {
    this.#tell();
    this.webhooks.subscribe(notificationUrl, signatureKey);
  }

  /** A till sells: below zero if it must. */
  sell(item: string, location: string, quantity: number): void {
    this.model.sell(item, location, quantity);
    this.#tell();
  }

  /** A clerk counts. The first count of an item makes it known there. */
  count(item: string, location: string, quantity: number): void {
    this.model.count(item, location, quantity);
    this.#tell();
  }

  /** Resolves when no webhook is on its way. */
  idle(): Promise<void> {
    return this.webhooks.idle();
  }

  close(): Promise<void> {
    this.webhooks.close();
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? "/";
    const text = await readBody(request);
    if (path.startsWith(CONTROL_PREFIX)) {
      const token = String(request.headers["x-simulator-token"] ?? "");
      sendAnswer(response, answerControl(this, { method: request.method ?? "GET", path, token, text }));
      return;
    }
    this.#calls.set(path, (this.#calls.get(path) ?? 0) + 1);
    const behaviour = this.#nextBehaviour();
    if (behaviour.kind === "refuse") {
      sendAnswer(response, { status: behaviour.status, body: { errors: [] } });
      return;
    }
    const answer: HttpAnswer = this.model.handle(path, text, request.headers.authorization ?? null);
    if (behaviour.kind === "lose_answer") response.destroy();
    else sendAnswer(response, answer);
    this.#tell();
  }

  #nextBehaviour(): Behaviour {
    const now = this.behaviour;
    if (now.kind === "answer") return now;
    this.#disturbed += 1;
    if (now.times !== undefined)
      this.behaviour = now.times <= 1 ? { kind: "answer" } : { ...now, times: now.times - 1 };
    return now;
  }

  #tell(): void {
    const news = this.model.webhooks.slice(this.#told);
    this.#told = this.model.webhooks.length;
    for (const body of news) this.webhooks.send(body);
  }
}

export async function startSquareSimulator(options: SquareOptions = {}): Promise<SquareSimulator> {
  const square = new SquareSimulator(options);
  await square.listen();
  return square;
}
