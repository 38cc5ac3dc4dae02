/**
 * Destination: one object per place that calls go to (an alert's webhook, a till system, a marketplace), named by it. It
 * keeps the circuit breaker that all invocations share. A thin shell: it owns the table and the clock, and answers RPC.
 * (A shop's Shopify has its breaker in its gate.)
 */
import { DurableObject } from "cloudflare:workers";
import type { Admission, CallReport, Pace, Permit } from "../src/domain/breaker/destination.ts";
import type { BreakerStatus } from "../src/domain/breaker/status.ts";
import { parseDestination } from "../src/domain/ids.ts";
import { consoleLog as log } from "../src/observability/log.ts";
import type { DestinationStub } from "../src/services/destination-contract.ts";
import { breakerChanged, sendBreakerNotices } from "../src/wiring/breakers.ts";
import { flushSoon } from "../src/wiring/telemetry.ts";
import { DESTINATION_SCHEMA, DestinationDesk } from "./destination-desk.ts";
import { migrate } from "./schema.ts";

export class Destination extends DurableObject<Env> implements DestinationStub {
  readonly #desk: DestinationDesk;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    const name = parseDestination(ctx.id.name);
    if (!name.ok) throw new Error(`Destination: an object is named by its destination, not "${ctx.id.name}"`);
    migrate(ctx.storage, DESTINATION_SCHEMA, Date.now());
    this.#desk = new DestinationDesk({
      destination: name.value,
      storage: ctx.storage,
      send: (changes) => sendBreakerNotices(env, name.value, changes),
      onChange: (change) => {
        breakerChanged(env, name.value, change);
        ctx.waitUntil(flushSoon(env));
      },
      log,
      now: () => Date.now(),
      random: Math.random,
    });
  }

  async admit(pace: Pace | null = null): Promise<Admission> {
    return this.#desk.admit(pace);
  }

  async report(permit: Permit, report: CallReport): Promise<void> {
    this.#desk.report(permit, report);
  }

  async status(): Promise<BreakerStatus> {
    return this.#desk.status();
  }

  async isolate(by: string, reason: string): Promise<BreakerStatus> {
    return this.#desk.isolate(by, reason);
  }

  async release(): Promise<BreakerStatus> {
    return this.#desk.release();
  }

  override async alarm(): Promise<void> {
    this.#desk.look();
  }
}
