/** The object around a shop's gate: its journal's storage, its clock, its lives, and the calls to and from it. */

import { ShopGateClock } from "../../../durable-objects/shop-gate-clock.ts";
import { ShopGateJournal } from "../../../durable-objects/shop-gate-journal.ts";
import { SHOP_GATE_SCHEMA } from "../../../durable-objects/shop-gate-schema.ts";
import { type CallKey, fromStore, type ShopDomain } from "../../../src/domain/ids.ts";
import { newTally } from "../../../src/domain/telemetry/tally.ts";
import type { SubmitReply, SubmitRequest } from "../../../src/services/gate-contract.ts";
import type { GateDeps, ResultsPort, ShopifyPort } from "../../../src/services/shop-gate/gate-deps.ts";
import { GateMind } from "../../../src/services/shop-gate/gate-mind.ts";
import { Gate } from "../../../src/services/shop-gate/shop-gate.ts";
import { SqliteObjectStorage } from "../../support/sqlite/object-storage.ts";
import type { Prng } from "../replica/prng.ts";
import { EPOCH_MS } from "../replica/shopify.ts";
import { check } from "../replica/violation.ts";
import type { Clock } from "./clock.ts";
import type { Faults } from "./faults.ts";
import { Life } from "./life.ts";
import { storageInLife } from "./storage-in-life.ts";

/** Timer wakes within one second: far more than there are connections and pauses. */
const WAKES_MAX = 100;

export type GateNodeDeps = {
  readonly domain: ShopDomain;
  readonly clock: Clock;
  readonly prng: Prng;
  readonly faults: Faults;
  readonly callMsMax: number;
  readonly skewMsMax: number;
  readonly shopify: ShopifyPort;
  readonly results: ResultsPort;
  readonly log: GateDeps["log"];
  readonly guarded: (checks: () => void) => void;
};

type Hosted = { readonly gate: Gate; readonly clock: ShopGateClock; readonly life: Life };

export class GateNode {
  readonly storage = new SqliteObjectStorage(SHOP_GATE_SCHEMA);
  readonly #deps: GateNodeDeps;
  #hosted: Hosted | null = null;
  #alarms = 0;
  #calls = 0;
  #second = -1;
  #wakes = 0;

  constructor(deps: GateNodeDeps) {
    this.#deps = deps;
  }

  evict(): void {
    this.#hosted?.life.end();
    this.#hosted = null;
  }

  /** RPC: the gate may have it although the caller hears nothing. */
  submit(request: SubmitRequest): Promise<SubmitReply> {
    const { clock, prng, faults, callMsMax } = this.#deps;
    return new Promise((resolve, reject) => {
      const lost = (): void => clock.in(prng.int(1, 3_000), () => reject(new Error("network connection lost")));
      if (faults.strikes("gate_call_lost")) {
        lost();
        return;
      }
      clock.in(prng.int(0, callMsMax), () => {
        if (faults.strikes("gate_evicted")) this.evict();
        const reply = this.#host().gate.submit(request);
        if (faults.strikes("gate_answer_lost")) lost();
        else resolve(reply);
      });
    });
  }

  #host(): Hosted {
    this.#hosted ??= this.#begin();
    return this.#hosted;
  }

  #begin(): Hosted {
    const { domain, shopify, results, log, prng, faults, clock, skewMsMax } = this.#deps;
    const life = new Life();
    const skewMs = skewMsMax === 0 || faults.isOver ? 0 : prng.int(-skewMsMax, skewMsMax);
    if (skewMs !== 0) faults.note("clock_skewed");
    const storage = storageInLife(this.storage, life, (atMs) => this.#arm(atMs - EPOCH_MS - skewMs));
    const now = (): number => EPOCH_MS + clock.nowMs + skewMs;
    const gateClock: ShopGateClock = new ShopGateClock(storage, () => {
      if (life.isOver) return;
      this.#noteWake();
      gate.look();
    });
    const deps: GateDeps = {
      shop: domain,
      breaker: { changed: () => undefined, announce: async () => undefined },
      journal: new ShopGateJournal(storage),
      shopify: portOf(life, shopify),
      results: { report: (...given) => life.await(results.report(...given)) },
      log,
      meter: newTally(),
      now,
      random: () => prng.next(),
      mintCallKey: () => fromStore<CallKey>(`${domain}-call-${++this.#calls}`),
      schedule: (wakeAtMs, isBusy) => gateClock.schedule(wakeAtMs, isBusy, now()),
    };
    const gate: Gate = new Gate(deps, new GateMind(deps));
    return { gate, clock: gateClock, life };
  }

  /** A gate that finds nothing to do, and wakes for it again, burns time that is billed. */
  #noteWake(): void {
    const { clock, domain, guarded } = this.#deps;
    const second = Math.floor(clock.nowMs / 1_000);
    this.#wakes = second === this.#second ? this.#wakes + 1 : 1;
    this.#second = second;
    guarded(() =>
      check(this.#wakes <= WAKES_MAX, "spin", () => `the gate of ${domain} woke ${WAKES_MAX} times a second`),
    );
  }

  #arm(atMs: number): void {
    const { clock, faults, prng } = this.#deps;
    const alarm = ++this.#alarms;
    clock.at(atMs + (faults.strikes("alarm_late") ? prng.int(0, 20_000) : 0), () => {
      if (alarm !== this.#alarms) return;
      if (faults.strikes("gate_evicted")) this.evict();
      const { gate, clock: gateClock } = this.#host();
      gateClock.rang();
      gate.look();
    });
  }
}

/** Requests go on in the network when a life ends; their replies reach nobody. */
function portOf(life: Life, shopify: ShopifyPort): ShopifyPort {
  return {
    fixedToken: shopify.fixedToken,
    grantToken: () => life.await(shopify.grantToken()),
    adjustVariables: (...given) => shopify.adjustVariables(...given),
    referenceDocumentUri: (...given) => shopify.referenceDocumentUri(...given),
    adjust: (...given) => life.await(shopify.adjust(...given)),
    moveVariables: (...given) => shopify.moveVariables(...given),
    move: (...given) => life.await(shopify.move(...given)),
    levels: (...given) => life.await(shopify.levels(...given)),
    probe: (...given) => life.await(shopify.probe(...given)),
    graphql: (...given) => life.await(shopify.graphql(...given)),
  };
}
