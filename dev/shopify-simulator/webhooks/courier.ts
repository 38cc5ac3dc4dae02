/**
 * Delivers webhooks over HTTP: signed, with Shopify's headers, keep-alive, bounded concurrency, 5 s per attempt,
 * retries of whatever got no 2xx. After the last retry the subscription is deleted, as Shopify does to subscriptions
 * that were made through the API. Kept lean: at a thousand deliveries a second it shares two cores with the receiver.
 */
import { createHmac } from "node:crypto";
import { Agent, request as httpRequest, type IncomingMessage, type RequestOptions } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import type { Socket } from "node:net";
import type { WebhookFaults } from "../faults/faults.ts";
import type { PendingWork } from "../model/pending-work.ts";
import type { SeededRandom } from "../model/seeded-random.ts";

export type Delivery = {
  readonly webhookId: string;
  readonly subscriptionId: string;
  /** Header spelling. */
  readonly topic: string;
  readonly uri: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
};

export type CourierOptions = {
  /** Deliveries under way at once. */
  readonly concurrency: number;
  readonly timeoutMs: number;
  /** Shopify's retry schedule is multiplied by this: 1 takes four hours, 0.001 takes 14 s. */
  readonly retryScale: number;
  readonly deletesSubscriptionAfterLastRetry: boolean;
  /** Told of each 2xx: from then on the delivery is the receiver's, and is never sent again. */
  readonly onAccepted: (delivery: Delivery) => void;
};

export const DEFAULT_COURIER_OPTIONS: CourierOptions = {
  concurrency: 16,
  timeoutMs: 5_000,
  retryScale: 1,
  deletesSubscriptionAfterLastRetry: true,
  onAccepted: () => {},
};

/** Eight retries over four hours, each wait twice the one before. Shopify publishes the count and the span, not the steps. */
export const RETRIES_MAX = 8;
const RETRY_SPAN_MS = 4 * 3_600_000;
const FIRST_RETRY_MS = RETRY_SPAN_MS / (2 ** RETRIES_MAX - 1);

export type CourierStats = {
  /** Deliveries handed over, before faults. */
  submitted: number;
  /** Of these, level webhooks; and how many of them were dropped. */
  levelsSubmitted: number;
  levelsDropped: number;
  /** HTTP requests made. */
  attempts: number;
  /** Deliveries that got a 2xx (a duplicate counts again). */
  delivered: number;
  retried: number;
  duplicated: number;
  dropped: number;
  reordered: number;
  /** Out of retries. */
  abandoned: number;
  subscriptionsDeleted: number;
};

export type CourierDeps = {
  readonly options: CourierOptions;
  readonly secret: string;
  readonly random: SeededRandom;
  readonly pending: PendingWork;
  readonly faults: () => WebhookFaults;
  readonly deleteSubscription: (subscriptionId: string) => void;
};

type Parcel = { readonly delivery: Delivery; readonly signature: string; attempt: number };

export class Courier {
  readonly #deps: CourierDeps;
  readonly #agent: Agent;
  readonly #secureAgent: HttpsAgent;
  readonly #targets = new Map<string, RequestOptions & { readonly isSecure: boolean }>();
  readonly #timers = new Set<NodeJS.Timeout>();
  /** Connections that have carried a request before. `request.reusedSocket` misses those that were waited for. */
  readonly #usedSockets = new WeakSet<Socket>();
  #queue: Parcel[] = [];
  #head = 0;
  #held: Parcel[] = [];
  #inFlight = 0;
  #isClosed = false;
  readonly stats: CourierStats = {
    submitted: 0,
    levelsSubmitted: 0,
    levelsDropped: 0,
    attempts: 0,
    delivered: 0,
    retried: 0,
    duplicated: 0,
    dropped: 0,
    reordered: 0,
    abandoned: 0,
    subscriptionsDeleted: 0,
  };

  constructor(deps: CourierDeps) {
    this.#deps = deps;
    const agentOptions = { keepAlive: true, maxSockets: deps.options.concurrency, scheduling: "fifo" as const };
    this.#agent = new Agent(agentOptions);
    this.#secureAgent = new HttpsAgent(agentOptions);
  }

  /** Deliveries kept back by a stop. */
  get heldCount(): number {
    return this.#held.length;
  }

  submit(delivery: Delivery): void {
    const faults = this.#deps.faults();
    const isLevel = delivery.topic === "inventory_levels/update";
    this.stats.submitted += 1;
    if (isLevel) this.stats.levelsSubmitted += 1;
    if (faults.stopped === "lose" || this.#deps.random.chance(dropRateOf(faults, delivery.topic))) {
      this.stats.dropped += 1;
      if (isLevel) this.stats.levelsDropped += 1;
      return;
    }
    const signature = createHmac("sha256", this.#deps.secret).update(delivery.body).digest("base64");
    this.#dispatch({ delivery, signature, attempt: 0 }, faults);
    if (this.#deps.random.chance(faults.duplicateRate)) {
      this.stats.duplicated += 1;
      this.#dispatch({ delivery, signature, attempt: 0 }, faults);
    }
  }

  /** Releases what a stop has held; called when the faults change. */
  releaseHeld(): void {
    if (this.#deps.faults().stopped === "hold") return;
    const held = this.#held;
    this.#held = [];
    for (const parcel of held) this.#dispatch(parcel, this.#deps.faults());
  }

  close(): void {
    this.#isClosed = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#queue = [];
    this.#held = [];
    this.#agent.destroy();
    this.#secureAgent.destroy();
  }

  #dispatch(parcel: Parcel, faults: WebhookFaults): void {
    if (faults.stopped === "hold") {
      this.#held.push(parcel);
      return;
    }
    let waitMs = faults.delayMs[1] === 0 ? 0 : this.#deps.random.between(faults.delayMs[0], faults.delayMs[1]);
    if (this.#deps.random.chance(faults.reorderRate)) {
      this.stats.reordered += 1;
      waitMs += faults.reorderHoldMs;
    }
    this.#deps.pending.begin();
    if (waitMs === 0) this.#enqueue(parcel);
    else this.#later(waitMs, () => this.#enqueue(parcel));
  }

  #later(waitMs: number, action: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      action();
    }, waitMs);
    this.#timers.add(timer);
  }

  #enqueue(parcel: Parcel): void {
    this.#queue.push(parcel);
    this.#pump();
  }

  #pump(): void {
    while (this.#inFlight < this.#deps.options.concurrency && this.#head < this.#queue.length) {
      const parcel = this.#queue[this.#head];
      this.#head += 1;
      if (parcel === undefined) continue;
      this.#inFlight += 1;
      this.#send(parcel);
    }
    // The consumed front is cut off in one go: shifting a long array for each delivery costs more than sending it.
    if (this.#head === this.#queue.length || this.#head > 1_024) {
      this.#queue = this.#queue.slice(this.#head);
      this.#head = 0;
    }
  }

  #send(parcel: Parcel): void {
    const { delivery } = parcel;
    const target = this.#target(delivery.uri);
    const send = target.isSecure ? httpsRequest : httpRequest;
    let isSettled = false;
    const settle = (isDelivered: boolean): void => {
      if (isSettled) return;
      isSettled = true;
      clearTimeout(deadline);
      this.#inFlight -= 1;
      this.#settled(parcel, isDelivered);
      this.#pump();
    };
    const again = (): void => {
      if (isSettled) return;
      isSettled = true;
      clearTimeout(deadline);
      this.#inFlight -= 1;
      this.#enqueue({ ...parcel });
    };
    this.stats.attempts += 1;
    const request = send(
      {
        ...target,
        method: "POST",
        headers: {
          ...delivery.headers,
          "X-Shopify-Hmac-Sha256": parcel.signature,
          "Content-Length": Buffer.byteLength(delivery.body),
        },
      },
      (response: IncomingMessage) => {
        response.resume();
        response.on("end", () => settle((response.statusCode ?? 0) >= 200 && (response.statusCode ?? 0) < 300));
        response.on("close", () => settle(false));
      },
    );
    const deadline = setTimeout(() => request.destroy(), this.#deps.options.timeoutMs);
    let isReused = false;
    request.on("socket", (socket) => {
      isReused = this.#usedSockets.has(socket);
      this.#usedSockets.add(socket);
    });
    request.on("error", (error: NodeJS.ErrnoException) => {
      // The receiver closed an idle connection just as we used it: nobody failed, so no retry is spent.
      if (isReused && error.code === "ECONNRESET") again();
      else settle(false);
    });
    request.on("close", () => settle(false));
    request.end(delivery.body);
  }

  #target(uri: string): RequestOptions & { readonly isSecure: boolean } {
    const known = this.#targets.get(uri);
    if (known !== undefined) return known;
    const url = new URL(uri);
    const isSecure = url.protocol === "https:";
    const target = {
      host: url.hostname,
      port: url.port === "" ? (isSecure ? 443 : 80) : Number(url.port),
      path: url.pathname + url.search,
      agent: isSecure ? this.#secureAgent : this.#agent,
      isSecure,
    };
    this.#targets.set(uri, target);
    return target;
  }

  #settled(parcel: Parcel, isDelivered: boolean): void {
    if (isDelivered || this.#isClosed) {
      if (isDelivered) {
        this.stats.delivered += 1;
        this.#deps.options.onAccepted(parcel.delivery);
      }
      this.#deps.pending.end();
      return;
    }
    if (parcel.attempt < RETRIES_MAX) {
      const waitMs = FIRST_RETRY_MS * 2 ** parcel.attempt * this.#deps.options.retryScale;
      parcel.attempt += 1;
      this.stats.retried += 1;
      this.#later(waitMs, () => this.#enqueue(parcel));
      return;
    }
    this.stats.abandoned += 1;
    if (this.#deps.options.deletesSubscriptionAfterLastRetry) {
      this.stats.subscriptionsDeleted += 1;
      this.#deps.deleteSubscription(parcel.delivery.subscriptionId);
    }
    this.#deps.pending.end();
  }
}

function dropRateOf(faults: WebhookFaults, topic: string): number {
  return typeof faults.dropRate === "number" ? faults.dropRate : (faults.dropRate[topic] ?? 0);
}
