/** The object around a reservation's desk: its storage, its alarm, its lives, and the calls to it. */

import type { ObjectStorage } from "../../../durable-objects/object-storage.ts";
import { ReservationDesk } from "../../../durable-objects/reservation-desk.ts";
import { ReservationRows } from "../../../durable-objects/reservation-rows.ts";
import { LIMITS } from "../../../src/config.ts";
import type { CoordinatorState } from "../../../src/domain/reservation/reservation.ts";
import type { Task } from "../../../src/domain/reservation/task.ts";
import { newTally } from "../../../src/domain/telemetry/tally.ts";
import type { Counters } from "../../../src/services/counter-contract.ts";
import type { Mirror } from "../../../src/services/mirror.ts";
import { askCounter } from "../../../src/services/reservation/ask-counter.ts";
import { COORDINATOR_TIMING } from "../../../src/wiring/coordinator-timing.ts";
import { SqliteObjectStorage } from "../../support/sqlite/object-storage.ts";
import type { Prng } from "../replica/prng.ts";
import { EPOCH_MS } from "../replica/shopify.ts";
import type { Clock } from "./clock.ts";
import type { Faults } from "./faults.ts";
import { inLife, Life } from "./life.ts";
import { storageInLife } from "./storage-in-life.ts";

const ALARM_AGAIN_MS = 2_000;
const ALARM_LATE_MS_MAX = 20_000;

export type CoordinatorDeps = {
  readonly clock: Clock;
  readonly prng: Prng;
  readonly faults: Faults;
  readonly callMsMax: number;
  readonly countersFor: (life: Life) => Counters;
  readonly mirror: Pick<Mirror, "write">;
  readonly newAttempt: () => string;
  readonly log: (level: string, event: string, fields?: object) => void;
};

type Hosted = { readonly desk: ReservationDesk; readonly life: Life };

export class CoordinatorNode {
  readonly #storage = new SqliteObjectStorage([]);
  readonly #deps: CoordinatorDeps;
  #hosted: Hosted | null = null;
  #alarms = 0;

  constructor(deps: CoordinatorDeps) {
    this.#deps = deps;
  }

  /** As a new life would find it. */
  get stored(): CoordinatorState | null {
    return new ReservationRows(this.#rowsOf(new Life()), () => 0).load();
  }

  call<Value>(run: (desk: ReservationDesk) => Promise<Value>): Promise<Value> {
    const { clock, prng, faults, callMsMax } = this.#deps;
    return new Promise((resolve, reject) => {
      const lost = (): void => clock.in(prng.int(1, 3_000), () => reject(new Error("network connection lost")));
      if (faults.strikes("coordinator_call_lost")) {
        lost();
        return;
      }
      clock.in(prng.int(0, callMsMax), () => {
        const { desk, life } = this.#host();
        const answer = inLife(life, run(desk));
        // In the middle of what it does: between the counters it asks.
        if (faults.strikes("coordinator_evicted")) clock.in(prng.int(0, 300), () => this.#end(life));
        if (faults.strikes("coordinator_answer_lost")) {
          answer.catch(() => {});
          lost();
        } else answer.then(resolve, reject);
      });
    });
  }

  #end(life: Life): void {
    life.end();
    if (this.#hosted?.life === life) this.#hosted = null;
  }

  #host(): Hosted {
    this.#hosted ??= this.#begin();
    return this.#hosted;
  }

  #begin(): Hosted {
    const { clock, countersFor, mirror, newAttempt, log } = this.#deps;
    const life = new Life();
    const nowMs = (): number => EPOCH_MS + clock.nowMs;
    const asking = {
      counters: countersFor(life),
      callMsMax: LIMITS.reservationCallMsMax,
      mirror: (views: Parameters<Mirror["write"]>[0]) => void mirror.write(views),
    };
    const desk = new ReservationDesk({
      storage: new ReservationRows(this.#rowsOf(life), nowMs),
      timing: COORDINATOR_TIMING,
      callsMax: LIMITS.counterCallsMax,
      ask: (task: Task) => life.await(askCounter(task, asking)),
      tryAsk: (task: Task) => life.await(askCounter(task, { ...asking, dryRun: true })),
      nowMs,
      newAttempt,
      beside: () => {},
      log,
      meter: newTally(),
    });
    return { desk, life };
  }

  #rowsOf(life: Life): ObjectStorage & { deleteAll(): Promise<void> } {
    const storage = storageInLife(this.#storage, life, (atMs) => this.#arm(atMs - EPOCH_MS));
    return { ...storage, deleteAll: () => this.#storage.deleteAll() };
  }

  #arm(atMs: number): void {
    const { clock, faults, prng } = this.#deps;
    const alarm = ++this.#alarms;
    clock.at(atMs + (faults.strikes("alarm_late") ? prng.int(0, ALARM_LATE_MS_MAX) : 0), () => {
      if (alarm !== this.#alarms) return;
      const { desk, life } = this.#host();
      if (faults.strikes("coordinator_evicted")) clock.in(prng.int(0, 300), () => this.#end(life));
      inLife(life, desk.alarm()).catch(() => this.#arm(clock.nowMs + ALARM_AGAIN_MS));
    });
  }
}
