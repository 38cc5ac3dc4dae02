/** The counter as the simulation sees it: the merge, its timers, its inbox, and all checks after every batch. */
import {
  fromStore,
  type HintId,
  type ListingId,
  type LocationId,
  type PushKey,
  type ReadKey,
} from "../../../src/domain/ids.ts";
import type { ChannelRules } from "../../../src/domain/policy/sku-policy.ts";
import { emptyMerge } from "../../../src/domain/replica/connect.ts";
import type { MergeEvent } from "../../../src/domain/replica/events.ts";
import { applyEvents } from "../../../src/domain/replica/merge.ts";
import { nextTickMs } from "../../../src/domain/replica/next-tick.ts";
import {
  type HandedPush,
  recalledPushes,
  startPush,
  startRead,
  startRecall,
  wants,
} from "../../../src/domain/replica/start.ts";
import type { MergeState } from "../../../src/domain/replica/state.ts";
import { floorTotal, truthOf } from "../../../src/domain/replica/truth.ts";
import type { Books } from "./books.ts";
import type { Evidence, Shown } from "./evidence.ts";
import type { Figures } from "./figures.ts";
import type { Answer } from "./gate.ts";
import { checkState } from "./invariants.ts";
import type { Plan } from "./plan.ts";
import type { Prng } from "./prng.ts";
import { throughStore } from "./stored.ts";
import type { Timeline } from "./timeline.ts";
import { check } from "./violation.ts";

/** Our clock at simulated time 0, before the offset of the plan. */
const OUR_EPOCH_MS = 2_000_000_000;
/** A start may free another one; more in a row is a loop. */
const STARTS_MAX = 20;

export type CounterDeps = {
  readonly plan: Plan;
  readonly prng: Prng;
  readonly timeline: Timeline;
  readonly evidence: Evidence;
  readonly books: Books;
  readonly figures: Figures;
  readonly locations: readonly LocationId[];
  /** The change that a notice tells of; null for one that tells of nothing. */
  readonly changeOf: (hintId: HintId) => Shown | null;
  readonly sendPush: (listingId: ListingId, key: PushKey, push: HandedPush) => void;
  readonly sendRecall: (listingId: ListingId, keys: readonly PushKey[]) => void;
  readonly sendRead: (listingId: ListingId, key: ReadKey) => void;
  readonly log: (line: () => string) => void;
};

export class Counter {
  state: MergeState;
  readonly #deps: CounterDeps;
  readonly #own: Map<LocationId, number>;
  readonly #readEndedMs = new Map<ListingId, number>();
  #inbox: Answer[] = [];
  #startPlanned = false;
  #ticked = false;
  #tickAtMs = Number.POSITIVE_INFINITY;
  #minted = 0;

  constructor(deps: CounterDeps) {
    this.#deps = deps;
    this.state = emptyMerge(deps.locations);
    this.#own = new Map(deps.locations.map((id) => [id, 0]));
  }

  get ownTotal(): number {
    return [...this.#own.values()].reduce((sum, units) => sum + units, 0);
  }

  ownAt(locationId: LocationId): number {
    return this.#own.get(locationId) ?? 0;
  }

  /** News from outside: applied at once, or with what else comes within the batch's wait. */
  receive(answer: Answer): void {
    const { plan, timeline } = this.#deps;
    this.#inbox.push(answer);
    if (plan.batchMs === 0) this.#flush();
    else if (this.#inbox.length === 1) timeline.in(plan.batchMs, () => this.#flush());
  }

  /** A movement of ours that has happened already. */
  move(locationId: LocationId, delta: number): void {
    this.#own.set(locationId, this.ownAt(locationId) + delta);
    this.#deps.figures.ownEvents++;
    this.#apply([{ event: { kind: "own", locationId, delta }, shows: [] }]);
  }

  /** Somebody says what a shop may show. */
  rule(listingId: ListingId, rules: ChannelRules): void {
    if (!this.state.listings.has(listingId)) return;
    this.#deps.figures.ruleChanges++;
    this.#apply([{ event: { kind: "rules", listingId, rules }, shows: [] }]);
  }

  /** A sale in a channel of ours, accepted only against what is certainly there. */
  sellGuarded(locationId: LocationId, quantity: number): void {
    const truth = truthOf(this.state);
    const floor = truth.find((location) => location.locationId === locationId)?.floor ?? 0;
    if (quantity > Math.min(floor, floorTotal(truth))) {
      this.#deps.figures.guardedRefused++;
      return;
    }
    this.#deps.figures.guardedSold += quantity;
    this.move(locationId, -quantity);
    check(floorTotal(truthOf(this.state)) >= 0, "guard", () => "an accepted sale took what is not certainly there");
  }

  get nowMs(): number {
    return OUR_EPOCH_MS + this.#deps.plan.clockOffsetMs + this.#deps.timeline.nowMs;
  }

  #flush(): void {
    const answers = this.#inbox;
    this.#inbox = [];
    this.#apply(answers);
  }

  #apply(answers: readonly Answer[]): void {
    const { plan, prng, evidence, books, figures, log } = this.#deps;
    const before = this.state;
    for (const answer of answers) {
      log(() => JSON.stringify(answer.event, (_key, value) => (value instanceof Map ? [...value] : value)));
      if (isHeard(before, answer.event)) for (const shown of answer.shows) evidence.show(shown);
    }
    const events = answers.map(({ event }) =>
      event.kind === "hint" ? { ...event, explained: books.explainedBy(event.listingId, event.id) } : event,
    );
    for (const event of events) if (event.kind === "hint") books.hear(event.listingId, event.id, event.quantity);
    const result = applyEvents(before, events, this.nowMs, plan.windows);
    this.state = result.state;
    figures.batches++;
    figures.settlements += result.settlements.length;
    for (const settlement of result.settlements) log(() => `  settled ${JSON.stringify(settlement)}`);
    for (const attribution of result.attributions) log(() => `  attributed ${JSON.stringify(attribution)}`);
    books.book(result.settlements, result.attributions);
    books.checkAgainst(this.state);
    checkState(this.state, this.#own, evidence);
    this.#checkOwnership(before, events);
    this.#checkHints(before, events);
    if (prng.chance(plan.evictions)) this.state = throughStore(this.state);
    this.#planStart();
  }

  /** Only movements change X; only evidence changes C; what no event touches keeps its identity. */
  #checkOwnership(before: MergeState, events: readonly MergeEvent[]): void {
    const measured = new Set<ListingId>();
    const touched = new Set<ListingId>();
    let moved = false;
    for (const event of events) {
      if (event.kind === "own") moved = true;
      else if (event.kind === "tick") for (const id of before.listings.keys()) touched.add(id);
      else {
        touched.add(event.listingId);
        if (MEASURES.has(event.kind)) measured.add(event.listingId);
        if (event.kind === "adopt" || event.kind === "mirror") moved = true;
      }
    }
    check(moved || this.state.own === before.own, "I1", () => "X changed without a movement");
    for (const [listingId, listing] of this.state.listings) {
      const known = before.listings.get(listingId);
      check(touched.has(listingId) || listing === known, "sharing", () => `${listingId} changed untouched`);
      for (const [locationId, level] of listing.levels) {
        const same = known?.levels.get(locationId)?.settled === level.settled;
        check(same || measured.has(listingId), "I1", () => `${listingId} at ${locationId}: C changed without evidence`);
      }
    }
  }

  /** A hint is ignored or dropped only when the change that it tells of has been seen. */
  #checkHints(before: MergeState, events: readonly MergeEvent[]): void {
    const { evidence, changeOf } = this.#deps;
    const isGone = (listingId: ListingId, id: HintId): boolean => !this.state.listings.get(listingId)?.hints.has(id);
    const checkSeen = (id: HintId): void => {
      const change = changeOf(id);
      if (change === null) return;
      const newest = evidence.newestShown(change.listingId, change.locationId);
      check(newest >= change.n, "hint", () => `${id} is gone, and its change was never seen`);
    };
    for (const [listingId, { hints }] of before.listings) {
      for (const id of hints.keys()) if (isGone(listingId, id)) checkSeen(id);
    }
    for (const event of events) if (event.kind === "hint" && isGone(event.listingId, event.id)) checkSeen(event.id);
  }

  #planStart(): void {
    const { plan, prng, timeline } = this.#deps;
    if (plan.startDelayMsMax === 0) this.#start();
    else if (!this.#startPlanned && wants(this.state, this.nowMs, plan.windows).size > 0) {
      this.#startPlanned = true;
      timeline.in(prng.int(1, plan.startDelayMsMax), () => {
        this.#startPlanned = false;
        this.#start();
      });
    }
    this.#armTick();
  }

  #start(): void {
    const { plan } = this.#deps;
    for (let round = 0; ; round++) {
      const wanted = wants(this.state, this.nowMs, plan.windows);
      if (wanted.size === 0) break;
      check(round < STARTS_MAX, "start", () => "what was started is wanted again");
      for (const [listingId, want] of wanted) {
        if (want === "read") this.#startRead(listingId);
        else if (want === "recall") this.#startRecall(listingId);
        else this.#startPush(listingId);
      }
    }
    this.#armTick();
  }

  #startPush(listingId: ListingId): void {
    const { plan, figures, sendPush, log } = this.#deps;
    const key = fromStore<PushKey>(`p${++this.#minted}`);
    const started = startPush(this.state, listingId, key, this.nowMs, plan.windows);
    check(started !== null, "start", () => `${listingId} wants a push and cannot start it`);
    if (started === null) return;
    this.state = started.state;
    figures.pushes++;
    if (started.kind === "move") figures.moves++;
    log(
      () =>
        `  ${key} (${started.kind}) to ${listingId}: ${started.rows.map((row) => `${row.locationId} ${row.delta}`).join(", ")}`,
    );
    sendPush(listingId, key, started);
  }

  #startRecall(listingId: ListingId): void {
    const { plan, sendRecall, log } = this.#deps;
    const keys = recalledPushes(this.state, listingId, this.nowMs, plan.windows);
    const state = startRecall(this.state, listingId, this.nowMs, plan.windows);
    check(state !== null && keys.length > 0, "start", () => `${listingId} wants pushes back and has none open`);
    if (state === null) return;
    this.state = state;
    log(() => `  ${keys.join(", ")} of ${listingId} asked back`);
    sendRecall(listingId, keys);
  }

  #startRead(listingId: ListingId): void {
    const { plan, figures, sendRead, log } = this.#deps;
    const key = fromStore<ReadKey>(`r${++this.#minted}`);
    const state = startRead(this.state, listingId, key, this.nowMs);
    check(state !== null, "start", () => `${listingId} wants a read and cannot start it`);
    if (state === null) return;
    const lastMs = this.#readEndedMs.get(listingId) ?? Number.NEGATIVE_INFINITY;
    check(this.nowMs - lastMs >= plan.windows.minReadMs, "I7", () => `${listingId} is read again too soon`);
    this.#readEndedMs.set(listingId, this.nowMs);
    this.state = state;
    figures.reads++;
    log(() => `  ${key} of ${listingId}`);
    sendRead(listingId, key);
  }

  #armTick(): void {
    const { plan, timeline } = this.#deps;
    const nextMs = nextTickMs(this.state, plan.windows, this.nowMs);
    if (nextMs <= this.nowMs) {
      check(!this.#ticked, "tick", () => "a tick is due at once, just after a tick");
      this.#tick();
      return;
    }
    const atMs = timeline.nowMs + (nextMs - this.nowMs);
    if (atMs === this.#tickAtMs) return;
    this.#tickAtMs = atMs;
    if (atMs === Number.POSITIVE_INFINITY) return;
    timeline.at(atMs, () => {
      if (this.#tickAtMs !== atMs) return; // another moment was armed meanwhile
      this.#tickAtMs = Number.POSITIVE_INFINITY;
      this.#tick();
    });
  }

  #tick(): void {
    this.#ticked = true;
    this.#apply([{ event: { kind: "tick" }, shows: [] }]);
    this.#ticked = false;
  }
}

const MEASURES: ReadonlySet<MergeEvent["kind"]> = new Set([
  "snapshot",
  "read_answered",
  "push_applied",
  "push_failed",
  "push_returned",
  "adopt",
  "mirror",
]);

/** Whether the merge may use what an answer shows: one to a read given up, or a repeat, tells nothing. */
function isHeard(state: MergeState, event: MergeEvent): boolean {
  if (event.kind === "read_answered") return state.listings.get(event.listingId)?.read?.key === event.key;
  if (event.kind === "push_applied") return state.listings.get(event.listingId)?.open.has(event.key) ?? false;
  return true;
}
