/**
 * A Square on loopback: its inventory API, signed webhooks for every count that changes, and a control door behind a token of
 * its own, by which a till is played and deliveries are doubled, turned round or lost on demand.
 */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import * as z from "zod";
import { SquareModel, type SquareReply } from "./square-model.ts";

export type SquareOptions = {
  readonly accessToken: string;
  /** Where its webhooks go, as it is signed. */
  readonly notificationUrl: string;
  readonly signatureKey: string;
  readonly now?: () => number;
};

/** Each a chance of 0 to 1, except the hold. */
export type DeliveryFaults = { duplicateRate: number; dropRate: number; reorderRate: number; reorderHoldMs: number };

const item = z.string().min(1);
const saleBody = z.strictObject({ item, location: z.string().min(1), quantity: z.number().int().min(1) });
const countBody = z.strictObject({ item, location: z.string().min(1), quantity: z.number().int() });
const rate = z.number().min(0).max(1);
const faultsBody = z
  .strictObject({ duplicateRate: rate, dropRate: rate, reorderRate: rate, reorderHoldMs: z.number().int().min(0) })
  .partial();

const TRIES_MAX = 8;
const RETRY_MS = 250;

export class SquareSimulator {
  readonly model: SquareModel;
  readonly controlToken = randomBytes(16).toString("hex");
  readonly stats = { delivered: 0, dropped: 0, doubled: 0, refused: 0 };
  faults: DeliveryFaults = { duplicateRate: 0, dropRate: 0, reorderRate: 0, reorderHoldMs: 500 };
  readonly #options: SquareOptions;
  readonly #server: Server;
  readonly #underWay = new Set<Promise<void>>();
  #told = 0;
  #isOpen = true;

  constructor(options: SquareOptions) {
    this.#options = options;
    this.model = new SquareModel(options.now ?? (() => Date.now()), options.accessToken);
    this.#server = createServer((request, response) => {
      void this.#answer(request).then(({ status, body }) => {
        response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
        this.#tell();
      });
    });
  }

  /** @returns its origin */
  async start(port = 0): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(port, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#isOpen = false;
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    await this.drained();
  }

  /** A till sells. */
  sell(of: string, location: string, quantity: number): void {
    this.model.sell(of, location, quantity);
    this.#tell();
  }

  /** A clerk counts. */
  count(of: string, location: string, quantity: number): void {
    this.model.count(of, location, quantity);
    this.#tell();
  }

  /** Resolves when no delivery is under way. */
  async drained(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  async #answer(request: IncomingMessage): Promise<SquareReply> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const text = Buffer.concat(parts).toString("utf8");
    const path = request.url ?? "/";
    try {
      if (path.startsWith("/_simulator/")) return this.#control(`${request.method} ${path.slice(11)}`, request, text);
      return this.model.handle(path, text, request.headers.authorization ?? null);
    } catch (error) {
      return { status: 422, body: { error: error instanceof Error ? error.message : String(error) } };
    }
  }

  #control(route: string, request: IncomingMessage, text: string): SquareReply {
    const given = Buffer.from(String(request.headers["x-simulator-token"] ?? ""));
    const token = Buffer.from(this.controlToken);
    if (given.length !== token.length || !timingSafeEqual(given, token))
      return { status: 401, body: { error: "X-Simulator-Token must be the simulator's control token" } };
    const body: unknown = text === "" ? {} : JSON.parse(text);
    switch (route) {
      case "POST /sales": {
        const sale = saleBody.parse(body);
        this.model.sell(sale.item, sale.location, sale.quantity);
        return { status: 200, body: { level: this.model.level(sale.item, sale.location) } };
      }
      case "POST /counts": {
        const count = countBody.parse(body);
        this.model.count(count.item, count.location, count.quantity);
        return { status: 200, body: { level: count.quantity } };
      }
      case "PATCH /faults":
        this.faults = { ...this.faults, ...(faultsBody.parse(body) as Partial<DeliveryFaults>) };
        return { status: 200, body: this.faults };
      case "GET /levels":
        return { status: 200, body: { levels: this.model.levels(), applied: this.model.applied, stats: this.stats } };
      default:
        return { status: 404, body: { error: "no such route" } };
    }
  }

  #tell(): void {
    const news = this.model.webhooks.slice(this.#told);
    this.#told = this.model.webhooks.length;
    for (const body of news) {
      if (Math.random() < this.faults.dropRate) {
        this.stats.dropped += 1;
        continue;
      }
      const holdMs = Math.random() < this.faults.reorderRate ? this.faults.reorderHoldMs : 0;
      this.#start(this.#deliver(body, holdMs));
      if (Math.random() >= this.faults.duplicateRate) continue;
      this.stats.doubled += 1;
      this.#start(this.#deliver(body, holdMs));
    }
  }

  #start(work: Promise<void>): void {
    const tracked: Promise<void> = work.finally(() => this.#underWay.delete(tracked));
    this.#underWay.add(tracked);
  }

  async #deliver(body: string, holdMs: number): Promise<void> {
    const { notificationUrl, signatureKey } = this.#options;
    const signature = createHmac("sha256", signatureKey).update(`${notificationUrl}${body}`).digest("base64");
    const headers = { "content-type": "application/json", "x-square-hmacsha256-signature": signature };
    await wait(holdMs);
    for (let tries = 0; tries < TRIES_MAX && this.#isOpen; tries += 1) {
      const status = await fetch(notificationUrl, { method: "POST", headers, body, redirect: "manual" }).then(
        async (response) => {
          await response.arrayBuffer();
          return response.status;
        },
        () => 0,
      );
      if (status >= 200 && status < 300) {
        this.stats.delivered += 1;
        return;
      }
      await wait(RETRY_MS * 2 ** tries);
    }
    this.stats.refused += 1;
  }
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
