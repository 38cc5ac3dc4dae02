/**
 * Carts of several SKUs and bundles: reserved all or none through the shipped coordinators, then bought, given back, extended
 * or forgotten. What a customer was told stays true, and no cart is bought in part.
 */

import { LIMITS } from "../../../src/config.ts";
import type { FlatBundle } from "../../../src/domain/bundle/bundle.ts";
import { fromStore, type LocationId, type ReservationId, type Sku } from "../../../src/domain/ids.ts";
import type { Reservation, ReservationLine } from "../../../src/domain/reservation/reservation.ts";
import { newTally } from "../../../src/domain/telemetry/tally.ts";
import type { AskedMovement } from "../../../src/services/asked-events.ts";
import type { BundleCatalogue } from "../../../src/services/bundle/bundle-book.ts";
import { type WriteBundleDeps, writeBundle } from "../../../src/services/bundle/write-bundle.ts";
import type { FinishReply } from "../../../src/services/reservation/coordinator-contract.ts";
import { reserve } from "../../../src/services/reservation/reserve.ts";
import type { Prng } from "../replica/prng.ts";
import { check } from "../replica/violation.ts";
import { skuIdOf } from "./catalogue.ts";
import type { Clock } from "./clock.ts";
import { type CoordinatorDeps, CoordinatorNode } from "./coordinator-node.ts";
import type { CounterFleet } from "./counter-fleet.ts";

const AGAIN_MS = [500, 8_000] as const;
const TTL_MS = [2_000, 300_000] as const;
const BUNDLE = fromStore<Sku>("BUNDLE-1");

export type CartDeps = {
  readonly prng: Prng;
  readonly clock: Clock;
  readonly skus: readonly Sku[];
  readonly locations: readonly LocationId[];
  readonly fleet: CounterFleet;
  readonly services: Pick<WriteBundleDeps, "catalogue" | "counters" | "mirror" | "nowMs">;
  readonly coordinator: CoordinatorDeps;
  readonly log: (line: () => string) => void;
};

export class Carts {
  readonly answers: Record<string, number> = {};
  /** Keys of told bundle sales, by component. */
  readonly owed = new Map<string, Sku>();
  unanswered = 0;
  readonly #deps: CartDeps;
  readonly #nodes = new Map<ReservationId, CoordinatorNode>();
  /** What customers were told for good. */
  readonly #promised = new Map<ReservationId, "committed" | "released">();
  readonly #bundle: FlatBundle;
  #carts = 0;

  constructor(deps: CartDeps) {
    this.#deps = deps;
    const components = deps.skus.slice(0, 2).map((sku, i) => ({ sku, skuId: skuIdOf(sku), quantity: i + 1 }));
    this.#bundle = { sku: BUNDLE, revision: 1, components };
  }

  happen(): void {
    const roll = this.#deps.prng.next();
    if (roll < 0.6) this.#cart();
    else this.#sellBundle(roll < 0.8);
  }

  /** Every coordinator has come to an end, and all of its counters to the same one. */
  checkEnd(): void {
    for (const [id, node] of this.#nodes) {
      const { reservation, strays } = node.stored ?? { reservation: null, strays: [] };
      check(strays.length === 0, "reservation", () => `${id}: ${strays.length} attempts may still hold something`);
      const promised = this.#promised.get(id);
      if (reservation === null) {
        check(promised === undefined, "reservation", () => `${id} was ${promised}, and is forgotten`);
        continue;
      }
      const { phase } = reservation;
      check("endedAtMs" in phase, "reservation", () => `${id} is still ${phase.kind}`);
      if (promised !== undefined)
        check(phase.kind === promised, "reservation", () => `${id}: ${promised}, then ${phase.kind}`);
      this.#checkMembers(reservation);
    }
  }

  #checkMembers({ id, holdKey, members, phase }: Reservation): void {
    const taken = phase.kind === "committed" ? phase.taken : [];
    for (const { skuId, parts } of members) {
      const wanted = parts.reduce((sum, { line, each }) => sum + (taken[line] ?? 0) * each, 0);
      const [row] = this.#deps.fleet
        .of(skuId)
        .node.storage.sql.exec<{ units: number | null }>(
          "SELECT SUM(-reserved - delta) AS units FROM movements WHERE key LIKE ?1 OR key LIKE ?2",
          `commit/${holdKey}%`,
          `sale/${holdKey}/%`,
        )
        .toArray();
      const sold = row?.units ?? 0;
      check(sold === wanted, "all or none", () => `${id} (${phase.kind}) took ${sold} of ${skuId}, not ${wanted}`);
    }
  }

  #cart(): void {
    const { prng, clock, skus, log } = this.#deps;
    const idempotencyKey = `cart${++this.#carts}`;
    const ttlMs = prng.int(...TTL_MS);
    const lines = Array.from({ length: prng.int(1, 3) }, () => ({
      sku: prng.chance(0.3) ? BUNDLE : this.#anyOf(skus),
      quantity: prng.int(1, 2),
      locationId: prng.chance(0.2) ? this.#anyOf(this.#deps.locations) : null,
    }));
    log(() => `${idempotencyKey}: ${JSON.stringify(lines)} for ${ttlMs} ms`);
    const named = { scope: ["reservation"], client: "web", idempotencyKey };
    const given = { ...named, channel: null, lines, ttlMs, commits: false, isFulfilled: false, dryRun: false };
    const cause = this.#cause(idempotencyKey);
    this.#ask(
      () => reserve({ ...given, cause }, this.#services),
      (reply) => {
        if (reply.kind === "unanswered") return "again";
        if (reply.kind !== "granted" && reply.kind !== "replayed") return "done";
        const { id } = reply.reservation;
        const roll = prng.next();
        if (roll < 0.7) clock.in(prng.int(0, Math.round(ttlMs * 1.2)), () => this.#finish(id, roll, lines));
        return "done";
      },
    );
  }

  #finish(id: ReservationId, roll: number, lines: readonly ReservationLine[]): void {
    const { prng, clock } = this.#deps;
    const node = this.#nodeOf(id);
    if (roll < 0.15)
      this.#ask(
        () => node.call((desk) => desk.release()),
        (reply) => this.#heard(id, reply),
      );
    else if (roll < 0.25) {
      this.#ask(
        () => node.call((desk) => desk.extend(prng.int(...TTL_MS))),
        (reply) => {
          if (reply.kind === "undecided") return "again";
          clock.in(prng.int(0, 60_000), () => this.#finish(id, 0.5, lines));
          return "done";
        },
      );
    } else {
      const part = roll < 0.35 ? [{ ...this.#anyOf(lines), quantity: 1 }] : null;
      this.#ask(
        () => node.call((desk) => desk.commit(part)),
        (reply) => this.#heard(id, reply),
      );
    }
  }

  #heard(id: ReservationId, reply: FinishReply): "done" | "again" {
    if (reply.kind === "undecided") return "again";
    const isPromise = reply.kind === "done" || reply.kind === "repeated";
    if (isPromise && (reply.status === "committed" || reply.status === "released"))
      this.#promised.set(id, reply.status);
    return "done";
  }

  /** Told: it has happened, and counts at each component. Else it is asked for, all or none. */
  #sellBundle(isTold: boolean): void {
    const key = `bundle${++this.#carts}`;
    const quantity = this.#deps.prng.int(1, 2);
    const asked: AskedMovement = {
      ...{ kind: "sale", delta: -quantity, moves: { committed: quantity }, locationId: null, toLocationId: null },
      ...{ allowNegative: isTold, channel: null, reason: "sale", reference: null, occurredAtMs: null, sale: null },
    };
    const by = { idempotencyKey: key, actor: "till", correlationId: fromStore<never>(`c-${key}`), expected: {} };
    if (isTold) for (const { sku } of this.#bundle.components) this.owed.set(`api/bundle/${BUNDLE}/${key}`, sku);
    this.#deps.log(() => `${key}: ${quantity} of ${BUNDLE}${isTold ? "" : ", guarded"}`);
    this.#ask(
      () => writeBundle(this.#bundle, asked, by, false, this.#services),
      (reply) => (reply.kind === "reserved" && reply.reply.kind === "unanswered" ? "again" : "done"),
    );
  }

  get #services(): WriteBundleDeps {
    return {
      ...this.#deps.services,
      bundles: this.#bundles,
      coordinators: { of: (id) => this.#coordinatorOf(id) },
      closed: async () => new Set(),
      callsMax: LIMITS.counterCallsMax,
      skusMax: LIMITS.reservationSkusMax,
      saleHoldMs: LIMITS.saleHoldMs,
      meter: newTally(),
      log: () => {},
    };
  }

  get #bundles(): BundleCatalogue {
    const bundle = this.#bundle;
    return {
      known: () => undefined,
      find: async (skus) => {
        const found = skus.filter((sku) => sku === BUNDLE).map((sku) => [sku, { kind: "bundle", bundle }] as const);
        return { bundles: new Map(found), fault: null };
      },
    };
  }

  #coordinatorOf(id: ReservationId): ReturnType<WriteBundleDeps["coordinators"]["of"]> {
    const node = this.#nodeOf(id);
    return {
      reserve: (request) => node.call((desk) => desk.reserve(request)),
      tryReserve: (request) => node.call((desk) => desk.tryReserve(request)),
      look: () => node.call((desk) => desk.look()),
      commit: (lines) => node.call((desk) => desk.commit(lines)),
      release: () => node.call((desk) => desk.release()),
      extend: (ttlMs) => node.call((desk) => desk.extend(ttlMs)),
    };
  }

  #nodeOf(id: ReservationId): CoordinatorNode {
    const node = this.#nodes.get(id) ?? new CoordinatorNode(this.#deps.coordinator);
    this.#nodes.set(id, node);
    return node;
  }

  /** Again until it is answered: whoever waits at a counter does so, too. */
  #ask<Reply extends { readonly kind: string }>(
    call: () => Promise<Reply>,
    then: (reply: Reply) => "done" | "again",
  ): void {
    const { prng, clock } = this.#deps;
    this.unanswered += 1;
    const ask = async (): Promise<void> => {
      try {
        const reply = await call();
        this.answers[reply.kind] = (this.answers[reply.kind] ?? 0) + 1;
        if (then(reply) === "again") throw new Error("again");
        this.unanswered -= 1;
      } catch {
        clock.in(prng.int(...AGAIN_MS), () => void ask());
      }
    };
    void ask();
  }

  #cause(reason: string) {
    return { reason, reference: null, source: "api", actor: "web", correlationId: fromStore<never>(`c-${reason}`) };
  }

  #anyOf<Value>(items: readonly Value[]): Value {
    const [first, ...others] = items;
    if (first === undefined) throw new Error("nothing to choose from");
    return this.#deps.prng.pick([first, ...others]);
  }
}
