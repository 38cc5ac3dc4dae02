/** A shop's gate, as an operator sees it and what he does to it. */
import type { GateSettings, GateStatus, HeldPush } from "../../../src/services/gate-contract.ts";
import type { Calm } from "./calm.ts";
import { waitUntil } from "./wait-until.ts";

const IDLE_MS_MAX = 60_000;

export class GateView {
  readonly #calm: Calm;
  readonly #path: string;

  constructor(calm: Calm, shop = calm.simulator.shop) {
    this.#calm = calm;
    this.#path = `/v1/shops/${shop}/gate`;
  }

  status(): Promise<GateStatus> {
    return this.#calm.stack.client.call<GateStatus>("GET", this.#path);
  }

  configure(settings: Partial<GateSettings>): Promise<GateStatus> {
    return this.#calm.stack.client.call<GateStatus>("PATCH", this.#path, settings);
  }

  resume(): Promise<GateStatus> {
    return this.#calm.stack.client.call<GateStatus>("POST", `${this.#path}/resume`, {});
  }

  async held(): Promise<readonly HeldPush[]> {
    return (await this.#calm.stack.client.call<{ pushes: readonly HeldPush[] }>("GET", `${this.#path}/pushes`)).pushes;
  }

  /** @returns whether it came to pause for that reason */
  untilPaused(reason: string): Promise<boolean> {
    return waitUntil(async () => (await this.status()).pausedReason === reason, IDLE_MS_MAX);
  }

  /** @returns whether so many pushes came to wait */
  untilQueued(pushes: number): Promise<boolean> {
    return waitUntil(async () => (await this.status()).queued >= pushes, IDLE_MS_MAX);
  }

  /** @returns whether all that it was given has its end, and its counters know */
  untilIdle(): Promise<boolean> {
    return waitUntil(async () => {
      const { queued, sending, unreported } = await this.status();
      return queued + sending + unreported === 0;
    }, IDLE_MS_MAX);
  }
}
