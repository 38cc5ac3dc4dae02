/**
 * A shop's gate: every call to its Shopify goes through here. It looks at what waits, asks `planStep` what to do next, does
 * it, and looks again after every reply. All it must not forget is in the journal before a request leaves; a new life of
 * the object reads it and goes on. Nothing here decides what a reply means (domain/shop-gate/), and nothing here touches a
 * table or a socket (GateDeps).
 */
import { destinationOfGate, type PushKey } from "../../domain/ids.ts";
import { holdOf, type PauseCause } from "../../domain/shop-gate/hold.ts";
import { type GateStep, type GateView, planStep, pushesWait } from "../../domain/shop-gate/plan.ts";
import { faultOfRows, type RowLimits } from "../../domain/shop-gate/push.ts";
import { BreakerOutbox } from "../breaker-outbox.ts";
import type { GatePush, GateSettings, SubmitReply, SubmitRequest } from "../gate-contract.ts";
import { CallDesk } from "./call-desk.ts";
import type { GateDeps, SubmittedPush } from "./gate-deps.ts";
import type { GateMind } from "./gate-mind.ts";
import { OtherCalls } from "./other-calls.ts";
import { ReadCalls } from "./read-calls.ts";
import { ReadDesk } from "./read-desk.ts";
import { Reporter } from "./reporter.ts";

/** `drain` sits out pauses up to this (pace, gathering of reads), not those of a Shopify that does not answer. */
const DRAIN_GAP_MS_MAX = 1_000;
/** Steps of one look: far more than there are connections; a bound against a plan that repeats itself. */
const STEPS_MAX = 32;
/** Pushes of a disconnected shop that one turn forgets: a row each. */
const FORGOTTEN_AT_ONCE = 1_000;

export class Gate {
  readonly others: OtherCalls;
  readonly #deps: GateDeps;
  readonly #mind: GateMind;
  readonly #calls: CallDesk;
  readonly #reads: ReadDesk;
  readonly #readCalls: ReadCalls;
  readonly #reporter: Reporter;
  readonly #breakerOutbox: BreakerOutbox;
  #pruneAtMs: number | null = null;
  #drained: (() => void)[] = [];

  /** A new life: whatever the journal shows as under way was cut off, and taints its call (rules 4 and 13). */
  constructor(deps: GateDeps, mind: GateMind) {
    this.#deps = deps;
    this.#mind = mind;
    this.#reads = new ReadDesk(deps.journal);
    this.#reporter = new Reporter(deps, this.#reads, () => this.look());
    const afterwards = (): void => {
      this.#reporter.note();
      this.look();
    };
    const othersWaiting = (nowMs: number) => ({
      readsWait: this.readsWaiting > 0,
      othersWait: this.others.isAskedFor(nowMs),
    });
    this.#calls = new CallDesk(deps, mind, othersWaiting, afterwards);
    this.#readCalls = new ReadCalls(deps, mind, this.#reads, afterwards);
    this.others = new OtherCalls(deps, mind, {
      callsInFlight: () => this.#callsInFlight,
      pushesWait: (nowMs) => pushesWait(this.#view(nowMs)),
      afterwards,
    });
    this.#breakerOutbox = new BreakerOutbox({
      ...{ destination: destinationOfGate(deps.shop), log: deps.log, now: deps.now, random: deps.random },
      waiting: () => mind.memory.breakerNews,
      told: (news) => mind.told(news),
      send: (changes) => deps.breaker.announce(changes),
      afterwards: () => this.look(),
    });
    const calls = deps.journal.taintOpenAttempts(deps.now(), null);
    if (calls > 0) deps.log("warn", "gate.calls_tainted", { shop: deps.shop, counts: { calls } });
  }

  get readsWaiting(): number {
    return this.#reads.waitingCount;
  }

  /** Durable when it returns (rule 3); sending starts without being awaited. */
  submit({ pushes, reads, recalls = [] }: SubmitRequest): SubmitReply {
    const { journal, log, shop } = this.#deps;
    const nowMs = this.#deps.now();
    const states = journal.submit(
      pushes.map((push) => submitted(push, this.#deps.shopify)),
      reads,
      nowMs,
    );
    this.#reads.add(reads, nowMs);
    for (const pushKey of recalls) this.#giveBack(pushKey, nowMs);
    const conflicts = states.filter(({ state }) => state === "conflict");
    for (const { pushKey } of conflicts) log("error", "gate.push_conflict", { shop, pushKey });
    if (conflicts.length > 0) {
      this.#mind.count({ conflicts: conflicts.length });
      this.#mind.save();
    }
    this.#reporter.note();
    this.look();
    return { pushes: states };
  }

  /**
   * Rule 15: what a catch holds stands in the way of its counter's reads, perhaps for days. A queued push was certainly
   * not sent, so it can end here; the counter mints anew what it still owes. What is only waiting its turn stays.
   */
  #giveBack(pushKey: PushKey, nowMs: number): void {
    const { journal, log, shop } = this.#deps;
    const push = journal.push(pushKey);
    const returned = push?.state === "queued" ? holdOf(push, this.#mind.settings) : null;
    if (push === null || returned === null) return;
    const { listingId } = push;
    const message = `held (${returned}), and wanted back by its counter`;
    journal.settlePush({ kind: "failed", pushKey, listingId, code: "RETURNED", message, park: [], returned }, nowMs);
    log("info", "gate.push_returned", { shop, pushKey, reason: returned });
  }

  configure(settings: Partial<GateSettings>): void {
    this.#mind.configure(settings);
    this.look();
  }

  /** The shop takes part no more. The journal is kept. @param by  the news of it: told again, after a resume, it is old */
  suspend(cause: PauseCause, by: string): void {
    const { shop, log } = this.#deps;
    if (this.#mind.settings.pausedBy === by) return;
    log("warn", "gate.suspended", { shop, reason: cause });
    this.configure({ paused: cause, pausedBy: by });
  }

  /**
   * Forget what waits: the counters have forgotten the shop's listings, and whoever connects it again begins with its levels
   * as they are then. @returns how many
   */
  forgetQueued(): number {
    const { journal } = this.#deps;
    const nowMs = this.#deps.now();
    const queued = journal.openPushes(FORGOTTEN_AT_ONCE).filter(({ state }) => state === "queued");
    for (const { pushKey, listingId } of queued) {
      const message = "its shop was disconnected";
      const returned = "disconnected";
      journal.settlePush({ kind: "failed", pushKey, listingId, code: "RETURNED", message, park: [], returned }, nowMs);
    }
    this.refresh();
    return queued.length;
  }

  /** End every pause: an operator says that its cause is gone. */
  resume(): void {
    this.#mind.resume();
    this.look();
  }

  /** An operator stops all calls, until `release`: what comes waits here, as in an outage. */
  isolate(by: string, reason: string): void {
    this.#mind.isolate(by, reason);
    this.look();
  }

  /** Calls again, probes first; of what is not isolated, a pause ends. */
  release(): void {
    if (this.#mind.memory.breaker.kind === "isolated") this.#mind.release();
    else this.#mind.resume();
    this.look();
  }

  /** Something in the journal has changed: look at it anew, results included. */
  refresh(): void {
    this.#reporter.note();
    this.look();
  }

  /** Resolves when nothing is under way and nothing may go within the next second. */
  drain(): Promise<void> {
    const done = new Promise<void>((resolve) => this.#drained.push(resolve));
    this.look();
    return done;
  }

  /** Look at what waits and start what may go. Synchronous; called after every reply, by timers, and by the alarm. */
  look(): void {
    const nowMs = this.#deps.now();
    const expiryMs = this.#calls.expire(nowMs);
    if (this.#pruneAtMs === null || nowMs >= this.#pruneAtMs) this.#pruneAtMs = this.#deps.journal.prune(nowMs);
    const sweep = this.#reads.sweep(nowMs);
    if (sweep.gaveUp) this.#reporter.note();
    let step = planStep(this.#view(nowMs));
    for (let steps = 0; step.kind !== "wait" && steps < STEPS_MAX; steps += 1) {
      this.#start(step, nowMs);
      step = planStep(this.#view(nowMs));
    }
    const stepMs = step.kind === "wait" ? step.untilMs : nowMs;
    const reportMs = this.#reporter.kick(nowMs);
    const newsMs = this.#breakerOutbox.kick(nowMs);
    this.#deps.schedule(earliest([stepMs, reportMs, newsMs, sweep.nextMs, expiryMs, this.#pruneAtMs]), this.#isBusy);
    if (this.#isBusy || (stepMs !== null && stepMs <= nowMs + DRAIN_GAP_MS_MAX)) return;
    for (const resolve of this.#drained.splice(0)) resolve();
  }

  /** Why nothing is sent just now, and until when; null where nothing is held up. */
  pause(): { readonly reason: string; readonly untilMs: number | null } | null {
    const nowMs = this.#deps.now();
    const { stopped, readOnly, paused } = this.#mind.settings;
    if (paused != null) return { reason: paused, untilMs: null };
    if (stopped || readOnly) return { reason: stopped ? "stopped" : "read_only", untilMs: null };
    const { breaker, tokenBreaker, budget } = this.#mind.memory;
    if (breaker.kind === "isolated") return { reason: "isolated", untilMs: null };
    if (breaker.kind === "open") return { reason: breaker.reason, untilMs: breaker.untilMs };
    if (breaker.kind === "half_open") return { reason: breaker.reason, untilMs: nowMs };
    if (this.#mind.token.state(nowMs) === "missing" && tokenBreaker.kind === "open") {
      return { reason: tokenBreaker.reason, untilMs: tokenBreaker.untilMs };
    }
    return nowMs < budget.blockedUntilMs ? { reason: "throttled", untilMs: budget.blockedUntilMs } : null;
  }

  get #callsInFlight(): number {
    return this.#calls.inFlight + this.#readCalls.inFlight + this.others.inFlight;
  }

  get #isBusy(): boolean {
    return this.#callsInFlight > 0 || this.#mind.token.isComing || this.#reporter.isBusy || this.#breakerOutbox.isBusy;
  }

  #view(nowMs: number): GateView {
    const { token, memory, settings } = this.#mind;
    const { budget, breaker, readBreaker, tokenBreaker, mutationCost } = memory;
    const { readOnly, deltaMax, paused } = settings;
    const stopped = settings.stopped || paused === "app_uninstalled";
    const { journal } = this.#deps;
    const pushAtMs = readOnly || stopped || paused != null ? null : journal.nextDueMs(deltaMax);
    const frozen = this.#calls.frozen();
    return {
      nowMs,
      readOnly,
      stopped,
      mayProbe: !stopped && paused == null,
      token: token.state(nowMs),
      isTokenComing: token.isComing,
      breaker,
      readBreaker,
      tokenBreaker,
      budget,
      mutationCost,
      inFlight: {
        mutations: this.#calls.inFlight,
        reads: this.#readCalls.inFlight,
        others: this.others.inFlight,
      },
      frozen,
      pushAtMs,
      // It matters only beside a call of unknown outcome.
      hasUrgent: frozen.length > 0 && pushAtMs !== null && journal.lanesDue({ deltaMax, nowMs }).urgent,
      reads: this.#readCalls.inFlight > 0 ? null : this.#reads.nextChunk(memory),
    };
  }

  #start(step: Exclude<GateStep, { kind: "wait" }>, nowMs: number): void {
    switch (step.kind) {
      case "fetch_token":
        void this.#mind.token.fetch().then(() => this.look());
        break;
      case "send_call":
        this.#calls.sendNew(nowMs);
        break;
      case "send_again":
        this.#calls.sendAgain(step.callKey, nowMs);
        break;
      case "send_read":
        this.#readCalls.send(pushesWait(this.#view(nowMs)), nowMs);
        break;
      case "probe":
        void this.others.probe();
        break;
    }
  }
}

/** Rows that Shopify could never take fail on entry: they would only take a whole call down with them. */
function submitted(push: GatePush, limits: RowLimits): SubmittedPush {
  const message = faultOfRows(push.rows, limits);
  if (message === null) return { push, refusal: null };
  const { pushKey, listingId, rows } = push;
  const park = [...new Set(rows.map(({ location }) => location))];
  return { push, refusal: { kind: "failed", pushKey, listingId, code: "BAD_ROWS", message, park } };
}

function earliest(times: readonly (number | null)[]): number | null {
  return times.reduce(
    (first, atMs) => (first === null || atMs === null ? (first ?? atMs) : Math.min(first, atMs)),
    null,
  );
}
