/**
 * All that a ReservationCoordinator does, without the runtime around it. One request at a time: a turn ends before the next
 * begins, so that what is still `preparing` at the start of a turn was cut off, and is undone. What is decided is stored
 * before anybody is told.
 */
import { afterRestart, begin, type Decision, decide } from "../src/domain/reservation/create.ts";
import { afterAnswers, tasksOf } from "../src/domain/reservation/drive.ts";
import { endingBetween } from "../src/domain/reservation/ending.ts";
import {
  decideCommit,
  decideExtend,
  decideRelease,
  type FinishOutcome,
  foreseen,
} from "../src/domain/reservation/finish.ts";
import {
  type CoordinatorState,
  NOTHING,
  type Reservation,
  type ReservationRequest,
  statusOf,
} from "../src/domain/reservation/reservation.ts";
import { allOf, type LineToCommit, type NotHeld, takenOf } from "../src/domain/reservation/taken.ts";
import type { Answered, Task } from "../src/domain/reservation/task.ts";
import { mayForget, wakeAtMs } from "../src/domain/reservation/wake.ts";
import { ok } from "../src/domain/result.ts";
import { reasonOf } from "../src/observability/log.ts";
import { atMost } from "../src/services/at-most.ts";
import type {
  Coordinator,
  FinishOptions,
  FinishReply,
  ReservationView,
  ReserveReply,
} from "../src/services/reservation/coordinator-contract.ts";
import type { AskCounter, CoordinatorDeps } from "./reservation-deps.ts";

/** An extension, the commit that waited for it, and what a lost hold leaves behind. */
const ROUNDS_MAX = 3;
const ALARM_RETRY_MS = 30_000;

export class ReservationDesk implements Coordinator {
  readonly #deps: CoordinatorDeps;
  /** Not read since the object woke: undefined. Nothing is stored: null. */
  #state: CoordinatorState | null | undefined = undefined;
  #alarmMs: number | null = null;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(deps: CoordinatorDeps) {
    this.#deps = deps;
  }

  reserve(request: ReservationRequest): Promise<ReserveReply> {
    return this.#inTurn(async () => {
      const { newAttempt, nowMs, ask } = this.#deps;
      await this.#drive(); // what an earlier attempt may hold would stand in this one's way
      const begun = begin(this.#read(), request, newAttempt(), nowMs());
      if (begun.kind === "key_reused") return begun;
      if (begun.kind === "replayed") {
        return { kind: "replayed", ...this.#view(begun.reservation) };
      }
      this.#save(begun.state);
      const decision = await this.#ask(begun.state, ask);
      this.#save(decision.state);
      await this.#drive();
      return this.#replyOf(decision);
    });
  }

  tryReserve(request: ReservationRequest): Promise<ReserveReply> {
    return this.#inTurn(async () => {
      const begun = begin(this.#read(), request, "dry-run", this.#deps.nowMs());
      if (begun.kind === "key_reused") return begun;
      if (begun.kind === "replayed") return { kind: "replayed", ...this.#view(begun.reservation) };
      const decision = await this.#ask(begun.state, this.#deps.tryAsk);
      if (decision.kind !== "granted") return this.#replyOf(decision);
      const { reservation } = decision.state;
      return reservation === null
        ? { kind: "unanswered", reason: "lost" }
        : { kind: "granted", ...this.#view(reservation) };
    });
  }

  async look(): Promise<ReservationView | null> {
    const { reservation } = this.#read();
    return reservation === null ? null : this.#view(reservation);
  }

  commit(lines: readonly LineToCommit[] | null, options?: FinishOptions): Promise<FinishReply> {
    return this.#finish(options, (state, reservation, nowMs) => {
      const taken = lines === null ? ok(allOf(reservation)) : takenOf(reservation, lines);
      if (!taken.ok) return taken.error;
      return decideCommit(state, reservation, taken.value, this.#deps.timing.commitMarginMs, nowMs);
    });
  }

  release(options?: FinishOptions): Promise<FinishReply> {
    return this.#finish(options, decideRelease);
  }

  extend(ttlMs: number, options?: FinishOptions): Promise<FinishReply> {
    return this.#finish(options, (state, reservation, nowMs) => decideExtend(state, reservation, nowMs + ttlMs, nowMs));
  }

  async alarm(): Promise<void> {
    this.#alarmMs = null; // this one has rung
    try {
      await this.#inTurn(async () => {
        const { nowMs } = this.#deps;
        this.#save(afterAnswers(this.#read(), [], nowMs()));
        await this.#drive();
      });
    } catch (error) {
      // The runtime gives up after six retries; what was decided must not be given up.
      this.#deps.log("error", "reservation.alarm_failed", { reason: reasonOf(error) });
      this.#state = undefined;
      await this.#deps.storage.setAlarm(this.#deps.nowMs() + ALARM_RETRY_MS);
    }
  }

  #finish(
    { dryRun = false }: FinishOptions = {},
    decideOn: (state: CoordinatorState, reservation: Reservation, nowMs: number) => FinishOutcome | NotHeld,
  ): Promise<FinishReply> {
    return this.#inTurn(async () => {
      await this.#drive(); // an extension that somebody waits for is settled first
      const state = this.#read();
      if (state.reservation === null) return { kind: "unknown" };
      const outcome = decideOn(state, state.reservation, this.#deps.nowMs());
      if (outcome.kind === "not_held") return outcome;
      if (outcome.kind !== "decided") return { kind: outcome.kind, ...this.#view(outcome.reservation) };
      if (dryRun) {
        const decided = outcome.state.reservation ?? state.reservation;
        return { kind: "done", ...this.#view(foreseen(decided, this.#deps.nowMs())) };
      }
      this.#save(outcome.state);
      await this.#drive();
      const { reservation } = this.#read();
      if (reservation === null) throw new Error("a reservation was lost while it was driven");
      const { kind } = reservation.phase;
      const reply = kind === "expired" ? "expired" : kind === "extending" ? "undecided" : "done";
      return { kind: reply, ...this.#view(reservation) };
    });
  }

  /** Ask every counter to hold, and decide. */
  async #ask(state: CoordinatorState, ask: AskCounter): Promise<Decision> {
    const { reservation } = state;
    if (reservation === null) throw new Error("nothing was begun");
    const answered = await this.#askAll(
      tasksOf(state).filter((task) => task.kind === "hold"),
      ask,
    );
    return decide(state, reservation, answered, this.#deps.timing.stragglerMs, this.#deps.nowMs());
  }

  #replyOf(decision: Decision): ReserveReply {
    switch (decision.kind) {
      case "granted": {
        const { reservation } = this.#read();
        if (reservation === null) throw new Error("a granted reservation was lost");
        return { kind: "granted", ...this.#view(reservation) };
      }
      case "refused":
        return { kind: "refused", refusals: decision.refusals };
      case "unanswered":
        return { kind: "unanswered", reason: decision.reason };
      case "too_late":
        return { kind: "unanswered", reason: "the counters took longer to answer than the holds were to last" };
    }
  }

  /** Ask what is outstanding. What is left after that is the alarm's. */
  async #drive(): Promise<void> {
    for (let round = 0; round < ROUNDS_MAX; round += 1) {
      const before = this.#read();
      const tasks = tasksOf(before);
      if (tasks.length === 0) return;
      const answered = await this.#askAll(tasks, this.#deps.ask);
      const after = afterAnswers(before, answered, this.#deps.nowMs());
      const isSamePhase = after.reservation?.phase.kind === before.reservation?.phase.kind;
      const isStuck = isSamePhase && tasksOf(after).length >= tasks.length;
      this.#save({ ...after, tries: isStuck ? before.tries + 1 : 0 });
      if (isSamePhase) return;
    }
  }

  async #askAll(tasks: readonly Task[], ask: AskCounter): Promise<readonly Answered[]> {
    const { callsMax, log } = this.#deps;
    return atMost(callsMax, tasks, async (task) => {
      const answer = await ask(task);
      if (answer.kind === "unanswered") {
        log("warn", "reservation.unanswered", { skuId: task.skuId, outcome: task.kind, reason: answer.reason });
      }
      return { task, answer };
    });
  }

  #view(reservation: Reservation): ReservationView {
    const isSettled = tasksOf({ ...NOTHING, reservation }).length === 0;
    return { reservation, status: statusOf(reservation, this.#deps.nowMs()), isSettled };
  }

  async #inTurn<Reply>(work: () => Promise<Reply>): Promise<Reply> {
    const turn = this.#turn.then(async () => {
      const { timing, nowMs } = this.#deps;
      const state = this.#read();
      const mended = afterRestart(state, timing.stragglerMs, nowMs());
      if (mended !== state) this.#save(mended);
      const reply = await work();
      await this.#forget();
      return reply;
    });
    this.#turn = turn.catch(() => {}); // whoever asked hears of it; the next turn begins all the same
    return turn;
  }

  async #forget(): Promise<void> {
    const { storage, timing, nowMs } = this.#deps;
    if (this.#state === null || !mayForget(this.#read(), timing.keptMs, nowMs())) return;
    await storage.clear();
    this.#state = null;
    this.#alarmMs = null;
  }

  #read(): CoordinatorState {
    if (this.#state === undefined) this.#state = this.#deps.storage.load();
    return this.#state ?? NOTHING;
  }

  #save(state: CoordinatorState): void {
    const { storage, timing, nowMs, beside, meter, log } = this.#deps;
    const ending = endingBetween(this.#read().reservation, state.reservation);
    storage.save(state);
    this.#state = state;
    if (ending !== null) {
      meter.count("onhand_reservation_settled_total", { outcome: ending });
      const correlationId = state.reservation?.cause.correlationId;
      log("info", "reservation.settled", {
        outcome: ending,
        ...(correlationId === undefined ? {} : { correlationId }),
      });
    }
    const wakeMs = wakeAtMs(state, timing, nowMs());
    if (wakeMs === null || wakeMs === this.#alarmMs) return;
    this.#alarmMs = wakeMs;
    beside(storage.setAlarm(wakeMs));
  }
}
