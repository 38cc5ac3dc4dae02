/**
 * Square's courier: signs each webhook by its rule (HMAC-SHA256 over notification URL and body), doubles, delays and drops on
 * demand, and sends again until it is taken, or too often refused.
 */
import { createHmac } from "node:crypto";
import { PendingWork } from "../shopify-simulator/model/pending-work.ts";
import type { SeededRandom } from "../shopify-simulator/model/seeded-random.ts";

/** Each a chance of 0 to 1, except the hold. */
export type DeliveryFaults = {
  readonly duplicateRate: number;
  /** Lost for good: nobody ever sends it again. */
  readonly dropRate: number;
  /** Kept back, so that later ones overtake it. */
  readonly reorderRate: number;
  readonly reorderHoldMs: number;
};

export type DeliveryStats = { delivered: number; dropped: number; doubled: number; reordered: number; refused: number };

type Subscription = { readonly notificationUrl: string; readonly signatureKey: string };

const TRIES_MAX = 12;
const RETRY_MS = 250;
const RETRY_MS_MAX = 5_000;
const TIMEOUT_MS = 15_000;

export class SquareWebhooks {
  faults: DeliveryFaults = { duplicateRate: 0, dropRate: 0, reorderRate: 0, reorderHoldMs: 500 };
  readonly stats: DeliveryStats = { delivered: 0, dropped: 0, doubled: 0, reordered: 0, refused: 0 };
  readonly #random: SeededRandom;
  readonly #pending = new PendingWork();
  readonly #timers = new Set<NodeJS.Timeout>();
  #subscription: Subscription | null = null;
  #isClosed = false;

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  /** @param notificationUrl  where it delivers, and what it signs: the same text as the channel's credential */
  subscribe(notificationUrl: string, signatureKey: string): void {
    this.#subscription = { notificationUrl, signatureKey };
  }

  /** What nobody has subscribed to is told to nobody. */
  send(body: string): void {
    const subscription = this.#subscription;
    if (subscription === null) return;
    if (this.#random.chance(this.faults.dropRate)) {
      this.stats.dropped += 1;
      return;
    }
    const holdMs = this.#random.chance(this.faults.reorderRate) ? this.faults.reorderHoldMs : 0;
    if (holdMs > 0) this.stats.reordered += 1;
    this.#later(holdMs, () => this.#deliver(body, subscription, 1));
    if (!this.#random.chance(this.faults.duplicateRate)) return;
    this.stats.doubled += 1;
    this.#later(holdMs, () => this.#deliver(body, subscription, 1));
  }

  /** Resolves when nothing is on its way. */
  idle(): Promise<void> {
    return this.#pending.idle();
  }

  close(): void {
    this.#isClosed = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#pending.abandon();
  }

  #later(waitMs: number, deliver: () => Promise<boolean>): void {
    this.#pending.begin();
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      void deliver().then(() => {
        if (!this.#isClosed) this.#pending.end();
      });
    }, waitMs);
    this.#timers.add(timer);
  }

  async #deliver(body: string, { notificationUrl, signatureKey }: Subscription, attempt: number): Promise<boolean> {
    const signature = createHmac("sha256", signatureKey).update(`${notificationUrl}${body}`).digest("base64");
    const isTaken = await fetch(notificationUrl, {
      method: "POST",
      headers: { "content-type": "application/json", "x-square-hmacsha256-signature": signature },
      body,
      redirect: "manual",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    }).then(
      async (response) => {
        await response.arrayBuffer();
        return response.ok;
      },
      () => false,
    );
    if (isTaken) this.stats.delivered += 1;
    else if (attempt >= TRIES_MAX) this.stats.refused += 1;
    else if (!this.#isClosed) {
      const waitMs = Math.min(RETRY_MS_MAX, RETRY_MS * 2 ** (attempt - 1));
      this.#later(waitMs, () => this.#deliver(body, { notificationUrl, signatureKey }, attempt + 1));
    }
    return isTaken;
  }
}
