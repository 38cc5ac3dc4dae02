/**
 * ReservationCoordinator: one object per reservation, named by its id, so that a repeat of the request finds it. A thin
 * shell: it owns the table and the clock, and answers RPC; what it does with either is the desk's (reservation-desk.ts).
 */
import { DurableObject } from "cloudflare:workers";
import type { ReservationRequest } from "../src/domain/reservation/reservation.ts";
import type { LineToCommit } from "../src/domain/reservation/taken.ts";
import { consoleLog as log } from "../src/observability/log.ts";
import type {
  Coordinator,
  FinishOptions,
  FinishReply,
  ReservationView,
  ReserveReply,
} from "../src/services/reservation/coordinator-contract.ts";
import { coordinatorParts } from "../src/wiring/reservations.ts";
import { objectMeter } from "../src/wiring/telemetry.ts";
import { closedLocationsOf, mirrorOf } from "../src/wiring.ts";
import { ReservationDesk } from "./reservation-desk.ts";
import { ReservationRows } from "./reservation-rows.ts";

export class ReservationCoordinator extends DurableObject<Env> implements Coordinator {
  readonly #desk: ReservationDesk;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#desk = new ReservationDesk({
      ...coordinatorParts(
        env,
        (views) => ctx.waitUntil(mirrorOf(env).write(views)),
        () => closedLocationsOf(env)(),
      ),
      storage: new ReservationRows(ctx.storage, () => Date.now()),
      nowMs: () => Date.now(),
      newAttempt: () => crypto.randomUUID().slice(0, 8),
      beside: (work) => ctx.waitUntil(work),
      log,
      meter: objectMeter(env, ctx),
    });
  }

  async reserve(request: ReservationRequest): Promise<ReserveReply> {
    return this.#desk.reserve(request);
  }

  async tryReserve(request: ReservationRequest): Promise<ReserveReply> {
    return this.#desk.tryReserve(request);
  }

  async look(): Promise<ReservationView | null> {
    return this.#desk.look();
  }

  async commit(lines: readonly LineToCommit[] | null, options?: FinishOptions): Promise<FinishReply> {
    return this.#desk.commit(lines, options);
  }

  async release(options?: FinishOptions): Promise<FinishReply> {
    return this.#desk.release(options);
  }

  async extend(ttlMs: number, options?: FinishOptions): Promise<FinishReply> {
    return this.#desk.extend(ttlMs, options);
  }

  override async alarm(): Promise<void> {
    await this.#desk.alarm();
  }
}
