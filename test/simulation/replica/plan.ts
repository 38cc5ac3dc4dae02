/** What one seed stands for: the size of the world, its stamps, its faults. */

import { type Buffer, type ChannelRules, DEFAULT_RULES } from "../../../src/domain/policy/sku-policy.ts";
import type { MergeWindows } from "../../../src/domain/replica/state.ts";
import { MERGE_WINDOWS } from "../../../src/domain/replica/windows.ts";
import { Prng } from "./prng.ts";

/** Probabilities in [0, 1), times in ms. */
export type Faults = {
  readonly snapshotLoss: number;
  readonly hintLoss: number;
  readonly duplicate: number;
  readonly late: number;
  readonly lateMsMax: number;
  readonly pushRefused: number;
  readonly pushLost: number;
  readonly pushLate: number;
  readonly pushUnanswered: number;
  readonly pushTimeUnknown: number;
  readonly readRefused: number;
  readonly readUnanswered: number;
};

/** `shop`: its number, from 0; `excluded`: number of a location that it may not sell from. */
export type PlannedRules = {
  readonly atMs: number;
  readonly shop: number;
  readonly excluded: number | null;
  readonly rules: ChannelRules;
};

export type Plan = {
  readonly seed: number;
  readonly shops: number;
  readonly locations: number;
  readonly changes: number;
  /** Changes come in bursts within this time, so that stamps tie; 0: spread over the whole span. */
  readonly burstMs: number;
  /** How many of the changes are a merchant's edits, undone and redone in a moment. */
  readonly undecided: number;
  readonly ownMoves: number;
  readonly spanMs: number;
  readonly stockMax: number;
  /** 1: stamps in ms. 1000: whole seconds. */
  readonly resolutionMs: number;
  readonly jitterMs: number;
  readonly coalesceMs: number;
  readonly deliveryMsMax: number;
  /** Shopify tells the level after a push (it mostly does not), and again in a replay. */
  readonly quantityAfter: "never" | "at_first" | "in_replays";
  /** Levels of one read are read at one moment, or one after the other. */
  readonly readAtOnce: boolean;
  /** 0: every event is a batch of its own. */
  readonly batchMs: number;
  /** 0: what is wanted starts at once. */
  readonly startDelayMsMax: number;
  /** The state goes through JSON after every event, as if the object had been evicted. */
  readonly evictions: number;
  /** What our clock is ahead of the simulated one: no rule may compare it with Shopify's. */
  readonly clockOffsetMs: number;
  /** An operator's catch: pushes minted meanwhile are held by the gate. Null: none. An end of Infinity: until all is quiet. */
  readonly hold: { readonly fromMs: number; readonly toMs: number } | null;
  /** What the shops may show changes at such moments. */
  readonly rules: readonly PlannedRules[];
  readonly faults: Faults;
  readonly windows: MergeWindows;
};

const NO_FAULTS: Faults = {
  snapshotLoss: 0,
  hintLoss: 0,
  duplicate: 0,
  late: 0,
  lateMsMax: 0,
  pushRefused: 0,
  pushLost: 0,
  pushLate: 0,
  pushUnanswered: 0,
  pushTimeUnknown: 0,
  readRefused: 0,
  readUnanswered: 0,
};

/** One seed in five has no faults but delay and disorder. */
function drawFaults(prng: Prng): Faults {
  if (prng.chance(0.2)) return NO_FAULTS;
  const some = (max: number): number => (prng.chance(0.5) ? prng.next() * max : 0);
  return {
    snapshotLoss: some(0.5),
    hintLoss: some(0.5),
    duplicate: some(0.4),
    late: some(0.3),
    lateMsMax: prng.pick([5_000, 30_000, 200_000]),
    pushRefused: some(0.3),
    pushLost: some(0.3),
    pushLate: some(0.3),
    pushUnanswered: some(0.3),
    pushTimeUnknown: some(0.2),
    readRefused: some(0.4),
    readUnanswered: some(0.3),
  };
}

/** One seed in five. Numbers of its own, so that the other seeds stay the schedules that they are known as. */
function drawHold(seed: number): Plan["hold"] {
  const prng = new Prng(seed ^ 0x40_1d);
  if (!prng.chance(0.2)) return null;
  const fromMs = prng.int(0, 30_000);
  return { fromMs, toMs: prng.chance(0.5) ? Number.POSITIVE_INFINITY : fromMs + prng.int(1_000, 60_000) };
}

/** One seed in three, in numbers of its own like the catch. A shop may be stopped, let go again, and squeezed anew. */
function drawRules(seed: number): readonly PlannedRules[] {
  const prng = new Prng(seed ^ 0xb0_ff_e4);
  if (!prng.chance(0.33)) return [];
  return Array.from({ length: prng.int(1, 6) }, () => ({
    atMs: prng.int(0, 60_000),
    shop: prng.int(0, 2),
    excluded: prng.chance(0.1) ? prng.int(0, 2) : null,
    rules: {
      ...DEFAULT_RULES,
      buffer: prng.pick<Buffer>([
        { kind: "none" },
        { kind: "fixed", units: prng.int(1, 12) },
        { kind: "percentage", percent: prng.int(1, 100) },
        { kind: "percentage", percent: prng.pick([10, 50]) },
      ]),
      zeroBelow: prng.chance(0.2) ? prng.int(1, 8) : 0,
      cap: prng.chance(0.2) ? prng.int(0, 12) : null,
      isStopped: prng.chance(0.25),
    },
  }));
}

/**
 * The tie that a kind of stamps needs: nothing where they are monotone, the jitter in ms, a whole second where jitter
 * can cross the border of a second.
 */
function tieFor(resolutionMs: number, jitterMs: number): number {
  return jitterMs === 0 ? 0 : Math.max(resolutionMs, jitterMs);
}

export function planOf(seed: number, prng: Prng): Plan {
  const resolutionMs = prng.chance(0.65) ? 1_000 : 1;
  const jitterMs = prng.chance(0.3) ? 250 : 0;
  const tieMs = tieFor(resolutionMs, jitterMs);
  return {
    seed,
    shops: prng.pick([1, 2, 2, 3]),
    locations: prng.pick([1, 1, 2, 2, 3]),
    changes: prng.int(2, 13),
    burstMs: prng.pick([0, 0, 400, 2_000]),
    undecided: prng.pick(jitterMs === 0 ? [0, 0.05, 0.05, 0.2] : [0, 0.05, 0.6, 0.6]),
    ownMoves: prng.int(0, 7),
    spanMs: prng.int(3_000, 60_000),
    stockMax: prng.int(2, 30),
    resolutionMs,
    jitterMs,
    coalesceMs: prng.pick([0, 0, 200, 1_000, 3_000]),
    deliveryMsMax: prng.pick([300, 1_000, 4_000]),
    quantityAfter: prng.pick(["never", "never", "never", "never", "never", "never", "at_first", "in_replays"]),
    readAtOnce: prng.chance(0.5),
    batchMs: prng.pick([0, 0, 50, 500]),
    startDelayMsMax: prng.pick([0, 0, 200, 2_000]),
    evictions: prng.pick([0, 0, 0, 0.3]),
    clockOffsetMs: prng.int(-3_600_000, 3_600_000),
    hold: drawHold(seed),
    rules: drawRules(seed),
    faults: drawFaults(prng),
    windows: { ...MERGE_WINDOWS, tieMs, settleMs: resolutionMs + tieMs + 500 },
  };
}
