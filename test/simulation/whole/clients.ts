/** Our own channels: tills that have sold, an API that asks first, a warehouse that counts, carts that hold, people that lock. */
import type { CounterEvent, EventOutcome } from "../../../src/domain/counter/counter-event.ts";
import type { HoldEnd, HoldLine } from "../../../src/domain/counter/hold.ts";
import type { Expected, MovementCause } from "../../../src/domain/counter/movement.ts";
import {
  type ChannelId,
  fromStore,
  type LeaseId,
  type LocationId,
  type ReservationId,
  type Sku,
} from "../../../src/domain/ids.ts";
import type { ChannelRules } from "../../../src/domain/policy/sku-policy.ts";
import { type AskedMovement, countEvent, movementEvents } from "../../../src/services/asked-events.ts";
import type { ApplyOptions } from "../../../src/services/counter-contract.ts";
import type { WriteAnswer } from "../../../src/services/write-counter.ts";
import type { Prng } from "../replica/prng.ts";
import type { Clock } from "./clock.ts";

const UNITS_MAX = 4;
/** A client that hears nothing asks again, under the same key. */
const AGAIN_MS = [500, 8_000] as const;
const PATIENCE_MS = 5_000;
const HOLD_MS = [1_000, 300_000] as const;
const LEASE_MS = [1_000, 60_000] as const;

export type ClientDeps = {
  readonly prng: Prng;
  readonly clock: Clock;
  readonly skus: readonly Sku[];
  readonly locations: readonly LocationId[];
  readonly write: (sku: Sku, events: readonly CounterEvent[], options: ApplyOptions) => Promise<WriteAnswer>;
  readonly nowMs: () => number;
  readonly log: (line: () => string) => void;
};

type Said = { readonly outcome: EventOutcome; readonly version: number };

export class Clients {
  /** Of what has happened: each must be counted in the end. */
  readonly owed = new Map<string, Sku>();
  /** How often each answer was given. */
  readonly answers: Record<string, number> = {};
  unanswered = 0;
  readonly #deps: ClientDeps;
  /** Sales of ours that are not shipped, cancelled or returned yet. */
  readonly #sales: {
    readonly sku: Sku;
    readonly key: string;
    readonly quantity: number;
    readonly locationId: LocationId;
  }[] = [];
  #keys = 0;
  #rules = 0;

  constructor(deps: ClientDeps) {
    this.#deps = deps;
  }

  happen(): void {
    const { prng } = this.#deps;
    const sku = this.#anyOf(this.#deps.skus);
    const roll = prng.next();
    if (roll < 0.24) this.#sell(sku, false, {});
    else if (roll < 0.4) this.#sell(sku, true, {});
    else if (roll < 0.48) this.#move(sku, { kind: "receipt", delta: prng.int(1, 3 * UNITS_MAX) });
    else if (roll < 0.58) this.#endSale();
    else if (roll < 0.62) this.#damage(sku);
    else if (roll < 0.66) this.#transfer(sku);
    else if (roll < 0.74) this.#count(sku);
    else if (roll < 0.89) this.#hold(sku);
    else if (roll < 0.95) this.#lease(sku);
    else this.#optimistic(sku);
  }

  /** Somebody says what a shop may show of a SKU. Told twice, it is the same word. */
  rule(sku: Sku, channel: ChannelId, rules: ChannelRules | null): void {
    const correlationId = fromStore<never>(`rule-${++this.#rules}`);
    this.#ask(sku, async () => [{ kind: "channel_rules", channel, rules, correlationId }]);
  }

  /** Told: it has happened, and counts. Else it is asked for. */
  #sell(sku: Sku, isTold: boolean, expected: Expected): void {
    const { prng } = this.#deps;
    const quantity = prng.int(1, UNITS_MAX);
    const sale = { kind: "sale" as const, delta: -quantity, moves: { committed: quantity }, allowNegative: isTold };
    this.#move(sku, sale, expected, ({ outcome }, key) => {
      if (outcome.kind !== "applied" || (outcome.parts?.length ?? 1) > 1) return;
      this.#sales.push({ sku, key, quantity, locationId: outcome.movement.locationId });
    });
  }

  /** An earlier sale is shipped, cancelled or brought back. Its news may come first. */
  #endSale(): void {
    const { prng } = this.#deps;
    const [sale] = this.#sales.splice(prng.int(0, this.#sales.length), 1);
    if (sale === undefined) return;
    const { sku, key, quantity, locationId } = sale;
    const kind = prng.pick(["shipment", "cancellation", "shipment"] as const);
    const delta = kind === "shipment" ? 0 : quantity;
    const told = { idempotencyKey: key, quantity, locationId };
    this.#move(sku, { kind, delta, moves: { committed: -quantity }, locationId, sale: told });
  }

  #damage(sku: Sku): void {
    const quantity = this.#deps.prng.int(1, 2);
    const locationId = this.#anyOf(this.#deps.locations);
    this.#move(sku, {
      kind: "damage",
      delta: -quantity,
      moves: { damaged: quantity },
      locationId,
      allowNegative: true,
    });
  }

  #transfer(sku: Sku): void {
    const { prng, locations } = this.#deps;
    const [locationId, toLocationId] = [this.#anyOf(locations), this.#anyOf(locations)];
    if (locationId === toLocationId) return;
    this.#move(sku, { kind: "transfer", delta: -prng.int(1, UNITS_MAX), locationId, toLocationId });
  }

  #count(sku: Sku): void {
    const { prng, nowMs } = this.#deps;
    const key = this.#newKey();
    const of = prng.chance(0.5) ? "available" : "on_hand";
    const asked = { locationId: this.#anyOf(this.#deps.locations), counted: prng.int(0, 30), of } as const;
    const lookedMs = nowMs() - prng.int(0, 30_000);
    const texts = { reason: "stocktake", reference: null, countedAtMs: prng.chance(0.5) ? lookedMs : null };
    this.#ask(sku, async () => [await countEvent({ ...asked, ...texts }, this.#by(key, {}), nowMs())]);
  }

  /** A cart: bought in time, in part, too late, given back, or forgotten. */
  #hold(sku: Sku): void {
    const { prng, clock, nowMs } = this.#deps;
    const reservationId = fromStore<ReservationId>(`r${++this.#keys}`);
    const ttlMs = prng.int(...HOLD_MS);
    const lines = Array.from({ length: prng.pick([1, 1, 2]) }, (): HoldLine => {
      return { locationId: prng.chance(0.3) ? this.#anyOf(this.#deps.locations) : null, quantity: prng.int(1, 3) };
    });
    const client = prng.pick(["web", "app"]);
    const cause = this.#cause("cart");
    const request = { reservationId, fingerprint: JSON.stringify(lines), lines, client, channel: null, cause };
    const expiresAtMs = nowMs() + ttlMs;
    this.#ask(
      sku,
      async () => [{ kind: "hold", request: { ...request, expiresAtMs } }],
      {},
      ({ outcome }) => {
        if (outcome.kind !== "held") return;
        const roll = prng.next();
        if (roll < 0.25) return; // forgotten
        clock.in(prng.int(0, Math.round(ttlMs * 1.2)), () => {
          if (roll < 0.45) this.#endHold(sku, { how: "release", reservationId, cause });
          else if (roll < 0.6) this.#extend(sku, reservationId, nowMs() + prng.int(...HOLD_MS));
          else
            this.#commit(
              sku,
              reservationId,
              roll < 0.8 ? lines.slice(0, 1).map((line) => ({ ...line, quantity: 1 })) : null,
            );
        });
      },
    );
  }

  #extend(sku: Sku, reservationId: ReservationId, expiresAtMs: number): void {
    const correlationId = fromStore<never>(`c-${reservationId}`);
    this.#ask(
      sku,
      async () => [{ kind: "extend_hold", reservationId, expiresAtMs, correlationId }],
      {},
      () => this.#commit(sku, reservationId, null),
    );
  }

  /** Decided now; told now, or when its coordinator is back. */
  #commit(sku: Sku, reservationId: ReservationId, lines: readonly HoldLine[] | null): void {
    const { prng, clock, nowMs } = this.#deps;
    const end: HoldEnd = { how: "commit", reservationId, lines, decidedAtMs: nowMs(), cause: this.#cause("bought") };
    if (prng.chance(0.8)) this.#endHold(sku, end);
    else clock.in(prng.int(1_000, 60_000), () => this.#endHold(sku, end));
  }

  #endHold(sku: Sku, end: HoldEnd): void {
    this.#ask(sku, async () => [{ kind: "end_hold", end }]);
  }

  /** Somebody locks a SKU and writes under the lease; some sleep through its end and write all the same. */
  #lease(sku: Sku): void {
    const { prng, clock } = this.#deps;
    const leaseId = fromStore<LeaseId>(`l${++this.#keys}`);
    const ttlMs = prng.int(...LEASE_MS);
    const correlationId = fromStore<never>(`c-${leaseId}`);
    const lock: CounterEvent = { kind: "lock", leaseId, holder: "clerk", ttlMs, correlationId };
    this.#ask(
      sku,
      async () => [lock],
      { waitMs: prng.pick([0, PATIENCE_MS]) },
      ({ outcome }) => {
        if (outcome.kind !== "leased") return;
        const lease = { leaseId, token: outcome.lease.token };
        for (let writes = prng.int(1, 3); writes > 0; writes--) {
          clock.in(prng.int(0, Math.round(ttlMs * 1.3)), () => this.#sell(sku, false, { lease }));
        }
        if (prng.chance(0.3)) {
          const extend: CounterEvent = { kind: "extend_lock", lease, ttlMs, correlationId };
          clock.in(prng.int(0, ttlMs), () => this.#ask(sku, async () => [extend]));
        }
        if (prng.chance(0.6)) {
          clock.in(ttlMs, () => this.#ask(sku, async () => [{ kind: "unlock", lease, correlationId }]));
        }
      },
    );
  }

  /** Somebody reads, thinks, and writes only if nothing has changed meanwhile. */
  #optimistic(sku: Sku): void {
    const { prng, clock } = this.#deps;
    this.#move(sku, { kind: "receipt", delta: 1 }, {}, ({ version }) => {
      clock.in(prng.int(0, 5_000), () => this.#sell(sku, false, { version }));
    });
  }

  #move(
    sku: Sku,
    given: Partial<AskedMovement> & Pick<AskedMovement, "kind" | "delta">,
    expected: Expected = {},
    then: (said: Said, key: string) => void = () => {},
  ): void {
    const { prng, locations, nowMs, log } = this.#deps;
    const key = this.#newKey();
    const anywhere = given.delta < 0 && given.kind === "sale" && prng.chance(0.5);
    const asked: AskedMovement = {
      ...{ moves: {}, locationId: anywhere ? null : this.#anyOf(locations), toLocationId: null, allowNegative: false },
      ...{ channel: null, reason: given.kind, reference: null, occurredAtMs: null, sale: null },
      ...given,
    };
    // What waits for a place that is short is refused, whatever its kind: only what cannot be refused is owed.
    if (asked.allowNegative || asked.kind === "receipt") this.owed.set(`api/${key}`, sku);
    log(() => `${key}: ${JSON.stringify(asked)} of ${sku}`);
    const events = () => movementEvents(asked, this.#by(key, expected), nowMs());
    const options = { waitMs: prng.chance(0.3) ? PATIENCE_MS : 0 };
    this.#ask(sku, events, options, (said) => then(said, key));
    // A client in doubt, or two of its threads: the same key twice at once.
    if (prng.chance(0.1)) this.#ask(sku, events, options);
  }

  #ask(
    sku: Sku,
    eventsOf: () => Promise<readonly CounterEvent[]>,
    options: ApplyOptions = {},
    then: (said: Said) => void = () => {},
  ): void {
    const { prng, clock, write } = this.#deps;
    this.unanswered += 1;
    const ask = async (events: readonly CounterEvent[]): Promise<void> => {
      try {
        const answer = await write(sku, events, options);
        if (answer.kind !== "answered") throw new Error(answer.kind);
        this.unanswered -= 1;
        for (const { kind } of answer.outcomes) this.answers[kind] = (this.answers[kind] ?? 0) + 1;
        const outcome = answer.outcomes.at(-1);
        if (outcome !== undefined) then({ outcome, version: answer.view.version });
      } catch {
        clock.in(prng.int(...AGAIN_MS), () => void ask(events));
      }
    };
    void eventsOf().then(ask);
  }

  #by(idempotencyKey: string, expected: Expected) {
    return { idempotencyKey, actor: "till", correlationId: fromStore<never>(`c-${idempotencyKey}`), expected };
  }

  #cause(reason: string): MovementCause {
    return { reason, reference: null, source: "api", actor: "cart", correlationId: fromStore(`c-${this.#keys}`) };
  }

  #newKey(): string {
    return `k${++this.#keys}`;
  }

  #anyOf<Value>(items: readonly Value[]): Value {
    const [first, ...others] = items;
    if (first === undefined) throw new Error("nothing to choose from");
    return this.#deps.prng.pick([first, ...others]);
  }
}
