/**
 * One seed, played out: shops that sell, lose and repeat their news; a gate that fails; a counter that is nothing but
 * the merge. Every batch is followed by all checks; at the end everybody must agree.
 */
import { fromStore, type HintId, type ListingId, type LocationId, type PushKey, type ReadKey } from "../../../src/domain/ids.ts";
import { emptyMerge } from "../../../src/domain/replica/connect.ts";
import type { MergeEvent } from "../../../src/domain/replica/events.ts";
import { applyEvents } from "../../../src/domain/replica/merge.ts";
import { nextTickMs } from "../../../src/domain/replica/next-tick.ts";
import { startPush, startRead, wants } from "../../../src/domain/replica/start.ts";
import type { MergeState } from "../../../src/domain/replica/state.ts";
import { floorTotal, truthOf } from "../../../src/domain/replica/truth.ts";
import { Books } from "./books.ts";
import { Evidence } from "./evidence.ts";
import { type Answer, Gate } from "./gate.ts";
import { checkState } from "./invariants.ts";
import { type Faults, type Plan, planOf } from "./plan.ts";
import { Prng } from "./prng.ts";
import { ShopModel, type Version } from "./shopify.ts";
import { throughStore } from "./stored.ts";
import { Timeline } from "./timeline.ts";
import { check, Violation } from "./violation.ts";

/** Faults end so long after the last change: later than the latest delivery. */
const FAULTS_AFTER_MS = 220_000;
const STEPS_MAX = 40_000;
/** Our clock at simulated time 0, before the offset of the plan. */
const OUR_EPOCH_MS = 2_000_000_000;

export type Figures = {
  events: number;
  pushes: number;
  refused: number;
  reads: number;
  ownEvents: number;
  genuineChanges: number;
  news: number;
  guardedSold: number;
  guardedRefused: number;
  oversoldUnits: number;
  hintedUnits: number;
  attributedUnits: number;
  settlements: number;
  virtualMs: number;
};

export class World {
  readonly plan: Plan;
  readonly log: string[] = [];
  readonly figures: Figures = {
    events: 0,
    pushes: 0,
    refused: 0,
    reads: 0,
    ownEvents: 0,
    genuineChanges: 0,
    news: 0,
    guardedSold: 0,
    guardedRefused: 0,
    oversoldUnits: 0,
    hintedUnits: 0,
    attributedUnits: 0,
    settlements: 0,
    virtualMs: 0,
  };
  readonly #verbose: boolean;
  readonly #prng: Prng;
  readonly #timeline = new Timeline();
  readonly #shops = new Map<ListingId, ShopModel>();
  readonly #evidence: Evidence;
  readonly #gate: Gate;
  readonly #books = new Books();
  readonly #own = new Map<LocationId, number>();
  readonly #locations: readonly LocationId[];
  /** What a genuine version was caused by, if any notice tells of it. */
  readonly #causes = new Map<string, HintId | null>();
  readonly #toldHints = new Set<HintId>();
  readonly #coalescing = new Set<string>();
  readonly #lastReadMs = new Map<ListingId, number>();
  #state: MergeState;
  #inbox: Answer[] = [];
  #startPlanned = false;
  #tickAtMs = Number.POSITIVE_INFINITY;
  #deepest = 0;
  #minted = 0;

  constructor(seed: number, { verbose = false }: { readonly verbose?: boolean } = {}) {
    this.#prng = new Prng(seed);
    this.plan = planOf(seed, this.#prng);
    this.#verbose = verbose;
    this.#evidence = new Evidence(this.#shops);
    this.#locations = Array.from({ length: this.plan.locations }, (_, k) => fromStore<LocationId>(`L${k + 1}`));
    this.#state = emptyMerge(this.#locations);
    for (const id of this.#locations) this.#own.set(id, 0);
    this.#gate = new Gate({
      plan: this.plan,
      prng: this.#prng,
      timeline: this.#timeline,
      faults: () => this.#faults(),
      answer: (answer) => this.#receive(answer),
    });
  }
}
