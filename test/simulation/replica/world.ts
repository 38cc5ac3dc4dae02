/**
 * One seed, played out: shops that sell, a network that fails, and a counter that is nothing but the merge. Every batch
 * is checked; at the end, when all is quiet and every listing was read once, everybody must agree to the unit.
 */
import { fromStore, type ListingId, type LocationId } from "../../../src/domain/ids.ts";
import { withheldOf } from "../../../src/domain/replica/owed.ts";
import { truthOf } from "../../../src/domain/replica/truth.ts";
import { Books } from "./books.ts";
import { Counter } from "./counter.ts";
import { Evidence } from "./evidence.ts";
import { type Figures, noFigures } from "./figures.ts";
import { Gate } from "./gate.ts";
import { type Faults, type Plan, planOf } from "./plan.ts";
import { Prng } from "./prng.ts";
import { Timeline } from "./timeline.ts";
import { Traffic } from "./traffic.ts";
import { check, Violation } from "./violation.ts";

/** Faults end so long after the last change: later than the latest delivery. */
const FAULTS_AFTER_MS = 220_000;
/** A schedule that takes more steps than this does not come to rest. */
const STEPS_MAX = 50_000;
/** Everything, the memory of hints included, ends well within this time. */
const REST_MS_MAX = 7_200_000;

export type Outcome = {
  readonly seed: number;
  readonly plan: Plan;
  readonly figures: Figures;
  readonly violation: { readonly invariant: string; readonly message: string } | null;
  readonly log: readonly string[];
  /** Pushes per change of Shopify and other shop, beyond those of our own moves (I4). */
  readonly pushesPerChange: number;
};

/** Plays one seed. The log is kept only when asked for. Never throws for a violation. */
export function playSeed(seed: number, { verbose = false }: { readonly verbose?: boolean } = {}): Outcome {
  const world = new World(seed, verbose);
  let violation: Outcome["violation"] = null;
  try {
    world.play();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    violation = { invariant: error instanceof Violation ? error.invariant : "exception", message };
    if (!(error instanceof Violation) && error instanceof Error) world.log.push(error.stack ?? message);
  }
  const { plan, figures, log, pushesPerChange } = world;
  return { seed, plan, figures, violation, log, pushesPerChange };
}

class World {
  readonly plan: Plan;
  readonly log: string[] = [];
  readonly figures = noFigures();
  pushesPerChange = 0;
  movesPerCause = 0;
  readonly #timeline = new Timeline();
  readonly #locations: readonly LocationId[];
  readonly #traffic: Traffic;
  readonly #counter: Counter;
  readonly #evidence: Evidence;
  readonly #books = new Books();
  readonly #gate: Gate;
  #deepest = 0;
  #quiet = false;

  constructor(seed: number, verbose: boolean) {
    const prng = new Prng(seed);
    const plan = planOf(seed, prng);
    const timeline = this.#timeline;
    const { figures } = this;
    this.plan = plan;
    this.#locations = Array.from({ length: plan.locations }, (_, k) => fromStore<LocationId>(`L${k + 1}`));
    const common = { plan, prng, timeline, figures, locations: this.#locations };
    const faults = (): Faults | null => this.#faults();
    this.#traffic = new Traffic({
      ...common,
      faults,
      deliver: (answer) => this.#counter.receive(answer),
      sell: (locationId, quantity) => this.#counter.sellGuarded(locationId, quantity),
      move: (locationId, delta) => this.#counter.move(locationId, delta),
      changed: () => this.#countOversold(),
    });
    this.#evidence = new Evidence(this.#traffic.shops);
    const gate = new Gate({ ...common, faults, answer: (answer) => this.#counter.receive(answer) });
    this.#gate = gate;
    this.#counter = new Counter({
      ...common,
      evidence: this.#evidence,
      books: this.#books,
      changeOf: (hintId) => this.#traffic.changeOf(hintId),
      sendPush: (listingId, key, { kind, rows }) => {
        const shop = this.#traffic.shops.get(listingId);
        if (shop !== undefined) gate.sendPush({ shop, key, kind, rows });
      },
      sendRecall: (listingId, keys) => gate.recall(listingId, keys),
      sendRead: (listingId, key) => {
        const shop = this.#traffic.shops.get(listingId);
        if (shop !== undefined) gate.sendRead(shop, key);
      },
      log: (line) => {
        if (verbose) this.log.push(`${String(timeline.nowMs).padStart(7)} ${line()}`);
      },
    });
  }

  play(): void {
    this.#traffic.connectShops();
    this.#traffic.planChanges();
    this.#planRules();
    this.#untilQuiet();
    this.#checkKnowable();
    this.#quiet = true;
    for (const listingId of this.#traffic.shops.keys()) {
      this.#counter.receive({ event: { kind: "audit", listingId }, shows: [] });
    }
    this.#untilQuiet();
    if (this.#gate.isHolding) {
      this.#checkTruth("held");
      this.#gate.release();
      this.#untilQuiet();
    }
    this.#checkAgreement("I6");
    this.#checkNothingOpen();
    this.#checkPushCount();
    this.figures.attributedUnits = this.#books.attributedUnits;
  }

  #planRules(): void {
    for (const { atMs, shop, excluded, rules } of this.plan.rules) {
      const listingId = fromStore<ListingId>(`S${shop + 1}`);
      const place = excluded === null ? undefined : this.#locations[excluded];
      const excludedLocations = place === undefined ? [] : [place];
      this.#timeline.at(atMs, () => this.#counter.rule(listingId, { ...rules, excludedLocations }));
    }
  }

  #faults(): Faults | null {
    return this.#quiet || this.#timeline.nowMs > this.plan.spanMs + FAULTS_AFTER_MS ? null : this.plan.faults;
  }

  #untilQuiet(): void {
    for (let steps = 0; this.#timeline.step(); steps++) {
      const resting = steps < STEPS_MAX && this.#timeline.nowMs < REST_MS_MAX;
      check(resting, "quiet", () => "the schedule does not come to rest");
    }
  }

  #physicalTotal(): number {
    let total = this.#counter.ownTotal;
    for (const shop of this.#traffic.shops.values()) {
      for (const locationId of shop.locationIds) total += shop.level(locationId).genuine;
    }
    return total;
  }

  #countOversold(): void {
    const missing = Math.max(0, -this.#physicalTotal());
    if (missing > this.#deepest) this.figures.oversoldUnits += missing - this.#deepest;
    this.#deepest = missing;
  }

  /** Where a notice of every change not yet seen has come, the merge must have found out by itself. */
  #checkKnowable(): void {
    for (const shop of this.#traffic.shops.values()) {
      for (const locationId of shop.locationIds) {
        const shown = shop.version(locationId, this.#evidence.newestShown(shop.listingId, locationId));
        if (!this.#traffic.isAnnounced(shop, locationId, [shown, shop.level(locationId)])) return;
      }
    }
    if (this.#gate.isHolding) this.#checkTruth("knowable");
    else this.#checkAgreement("knowable");
  }

  /** All events, once: whether or not a catch lets the shops hear of it. */
  #checkTruth(invariant: string): void {
    for (const { locationId, available } of truthOf(this.#counter.state)) {
      const once = this.#allEventsAt(locationId);
      check(available === once, invariant, () => `T at ${locationId} is ${available}, all events make ${once}`);
    }
  }

  #allEventsAt(locationId: LocationId): number {
    let once = this.#counter.ownAt(locationId);
    for (const shop of this.#traffic.shops.values()) once += shop.level(locationId).genuine;
    return once;
  }

  /** Every shop shows the truth, which is all events, once, less what it may not show: that is its safety stock. */
  #checkAgreement(invariant: string): void {
    this.#checkTruth(invariant);
    const truth = truthOf(this.#counter.state);
    for (const shop of this.#traffic.shops.values()) {
      const listing = this.#counter.state.listings.get(shop.listingId);
      const withheld = listing === undefined ? new Map<LocationId, number>() : withheldOf(listing, truth);
      for (const { locationId } of truth) {
        const kept = withheld.get(locationId) ?? 0;
        const once = this.#allEventsAt(locationId) - kept;
        const level = shop.level(locationId).available;
        check(level === once, invariant, () => `${shop.listingId} shows ${level} at ${locationId}, not ${once}`);
        const aside = shop.safetyStock(locationId);
        check(aside === kept, "buffer", () => `${shop.listingId} keeps ${aside} back at ${locationId}, not ${kept}`);
      }
    }
  }

  #checkNothingOpen(): void {
    for (const [listingId, listing] of this.#counter.state.listings) {
      const live = [...listing.hints.values()].filter((hint) => hint.left !== 0).length;
      const pending = [...listing.levels.values()].filter((level) => level.pending.length > 0).length;
      const rest = { live, pending, open: listing.open.size, read: listing.read === null ? 0 : 1 };
      const quiet = live + pending + rest.open + rest.read === 0;
      check(quiet, "I6", () => `${listingId} is not at rest: ${JSON.stringify(rest)}`);
    }
  }

  /**
   * I4: our own moves cost one push per shop; a change of Shopify, or early news of one, a few per other shop. A loop
   * would cost them without end.
   */
  #checkPushCount(): void {
    const { shops, locations } = this.plan;
    const { moves, refused, returned, ownEvents, genuineChanges, hintsDelivered, ruleChanges } = this.figures;
    const pushes = this.figures.pushes - moves;
    const free = shops * ownEvents + (shops - 1) * locations + refused + returned;
    // A move needs a cause as well: a rule, or a change of the truth under one, which each shop may feel.
    const stirs = ruleChanges + shops * (locations + ownEvents + genuineChanges + hintsDelivered) + refused + returned;
    this.movesPerCause = moves / stirs;
    check(moves === 0 || ruleChanges > 0, "I4", () => `${moves} moves without a rule`);
    check(this.movesPerCause <= 2, "I4", () => `${moves} moves for ${stirs} causes`);
    if (shops === 1) check(pushes <= free, "I4", () => `${pushes} pushes for ${ownEvents} moves of ours`);
    const causes = Math.max(1, genuineChanges + hintsDelivered) * Math.max(1, shops - 1);
    this.pushesPerChange = Math.max(0, pushes - free) / causes;
    check(
      this.pushesPerChange <= 4,
      "I4",
      () => `${pushes} pushes, of which ${free} can be ours, for ${causes} causes`,
    );
  }
}
