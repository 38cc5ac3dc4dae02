/**
 * A shop's gate: every call to its Shopify goes through here. It looks at what waits, asks `planStep` what to do next,
 * does it, and looks again after every reply. All it must not forget is in the journal before a request leaves; a new
 * life of the object reads it and goes on. Nothing here decides what a reply means (domain/shop-gate/), and nothing here
 * touches a table or a socket (GateDeps).
 */
import type { CallKey } from "../../domain/ids.ts";
import { afterAttempt, isExpired, rowsOf } from "../../domain/shop-gate/after-attempt.ts";
import { modeOf } from "../../domain/shop-gate/breaker.ts";
import { admit, type Ticket, take } from "../../domain/shop-gate/budget.ts";
import { afterReply, counted, type GateMemory, newMemory, resumed, revivedMemory } from "../../domain/shop-gate/gate-memory.ts";
import { type AdjustVerdict, judgeAdjust } from "../../domain/shop-gate/judge-adjust.ts";
import { judgeReply, type Trouble } from "../../domain/shop-gate/judge-reply.ts";
import { CALL_EXPIRES_MS, CALL_ROWS_MAX, OTHERS_IN_FLIGHT_MAX } from "../../domain/shop-gate/limits.ts";
import { packCall } from "../../domain/shop-gate/pack.ts";
import { type GateStep, type GateView, planStep, pushesWait } from "../../domain/shop-gate/plan.ts";
import { faultOfRows } from "../../domain/shop-gate/push.ts";
import { costOf, type ShopifyReply } from "../../domain/shop-gate/reply.ts";
import { type LogFields, reasonOf } from "../../observability/log.ts";
import type { GateSettings, GraphqlReply, GraphqlRequest, SubmitReply, SubmitRequest } from "../gate-contract.ts";
import type { GateDeps, StoredCall } from "./gate-deps.ts";
import { toGraphqlReply } from "./graphql-reply.ts";
import { ReadDesk } from "./read-desk.ts";
import { Reporter } from "./reporter.ts";
import { TokenKeeper } from "./token-keeper.ts";

/** Until an operator says otherwise. A row above 10,000 units is more often a typing error than a delivery. */
export const DEFAULT_SETTINGS: GateSettings = { readOnly: false, stopped: false, deltaMax: 10_000 };

/** `drain` sits out pauses up to this (pace, gathering of reads), not those of a Shopify that does not answer. */
const DRAIN_GAP_MS_MAX = 1_000;
/** Steps of one look: far more than connections; a bound against a plan that repeats itself. */
const STEPS_MAX = 32;

export class Gate {
  readonly #deps: GateDeps;
  readonly #token: TokenKeeper;
  readonly #reads: ReadDesk;
  readonly #reporter: Reporter;
  readonly #mutations = new Set<CallKey>();
  #readsInFlight = 0;
  #othersInFlight = 0;
  #memory: GateMemory;
  #settings: GateSettings;
  #pruneAtMs: number | null = 0;
  #drained: (() => void)[] = [];

  /** A new life: whatever the journal shows as under way was cut off, and taints its call (rules 4 and 13). */
  constructor(deps: GateDeps) {
    const { journal } = deps;
    const nowMs = deps.now();
    this.#deps = deps;
    this.#memory = revivedMemory(journal.memory() ?? newMemory(nowMs), nowMs);
    this.#settings = { ...DEFAULT_SETTINGS, ...journal.settings() };
    this.#token = new TokenKeeper(deps);
    this.#reads = new ReadDesk(journal);
    this.#reporter = new Reporter(deps, this.#reads, () => this.kick());
    const tainted = journal.taintOpenAttempts(nowMs, null);
    if (tainted > 0) deps.log("warn", "gate.calls_tainted", { shop: deps.shop, counts: { calls: tainted } });
  }

  get settings(): GateSettings {
    return this.#settings;
  }

  get memory(): GateMemory {
    return this.#memory;
  }

  get readsWaiting(): number {
    return this.#reads.waitingCount;
  }

  /** Durable when it returns (rule 3); sending starts without being awaited. */
  submit(request: SubmitRequest): SubmitReply {
    const { journal, log, shop } = this.#deps;
    const nowMs = this.#deps.now();
    const states = journal.submit(request.pushes, request.reads, nowMs);
    this.#reads.add(request.reads, nowMs);
    const conflicts = states.filter(({ state }) => state === "conflict");
    for (const { pushKey } of conflicts) log("error", "gate.push_conflict", { shop, pushKey });
    if (conflicts.length > 0) this.#remember(counted(this.#memory, { conflicts: conflicts.length }));
    const refused = this.#refuseFaulty(request, nowMs);
    this.#reporter.note();
    this.kick();
    return { pushes: states.map((each) => (refused.has(each.pushKey) && each.state === "queued" ? { ...each, state: "failed" } : each)) };
  }

  /** What Shopify could never take is settled at once: it would only take a whole call down with it. */
  #refuseFaulty({ pushes }: SubmitRequest, nowMs: number): ReadonlySet<string> {
    const { journal, log, shop } = this.#deps;
    const refused = new Set<string>();
    for (const { pushKey, listingId, rows } of pushes) {
      const fault = faultOfRows(rows);
      if (fault === null || journal.push(pushKey)?.state !== "queued") continue;
      const park = [...new Set(rows.map(({ location }) => location))];
      journal.settlePush({ kind: "failed", pushKey, listingId, code: "BAD_ROWS", message: fault, park }, nowMs);
      log("error", "gate.push_failed", { shop, pushKey, listingId, code: "BAD_ROWS", reason: fault });
      refused.add(pushKey);
    }
    return refused;
  }

  configure(settings: Partial<GateSettings>): GateSettings {
    this.#settings = { ...this.#settings, ...settings };
    this.#deps.journal.saveSettings(this.#settings);
    this.kick();
    return this.#settings;
  }

  /** End every pause: an operator says that its cause is gone. */
  resume(): void {
    this.#remember(resumed(this.#memory));
    this.#deps.journal.hastenFrozen(this.#deps.now());
    this.kick();
  }

  /** Resolves when nothing is under way and nothing may go within the next second. */
  drain(): Promise<void> {
    const done = new Promise<void>((resolve) => this.#drained.push(resolve));
    this.kick();
    return done;
  }

  /** Look at what waits and start what may go. Synchronous; called after every reply, by timers, and by the alarm. */
  kick(): void {
    const nowMs = this.#deps.now();
    this.#expireCalls(nowMs);
    if (this.#pruneAtMs !== null && nowMs >= this.#pruneAtMs) this.#pruneAtMs = this.#deps.journal.prune(nowMs);
    const sweepAtMs = this.#reads.sweep(nowMs);
    if (sweepAtMs !== null) this.#reporter.note();
    let step = planStep(this.#view(nowMs));
    for (let steps = 0; step.kind !== "wait" && steps < STEPS_MAX; steps += 1) {
      this.#start(step, nowMs);
      step = planStep(this.#view(nowMs));
    }
    const stepAtMs = step.kind === "wait" ? step.untilMs : nowMs;
    const reportAtMs = this.#reporter.kick(nowMs);
    const wakeAtMs = earliest([stepAtMs, reportAtMs, sweepAtMs, this.#expiryMs(), this.#pruneAtMs]);
    this.#deps.schedule(wakeAtMs, this.#isBusy);
    if (!this.#isBusy && (stepAtMs === null || stepAtMs > nowMs + DRAIN_GAP_MS_MAX)) {
      for (const resolve of this.#drained.splice(0)) resolve();
    }
  }

  /** Why nothing is sent just now, and until when; null where nothing is held up. */
  pause(): { readonly reason: string; readonly untilMs: number | null } | null {
    const nowMs = this.#deps.now();
    const { stopped, readOnly } = this.#settings;
    if (stopped || readOnly) return { reason: stopped ? "stopped" : "read_only", untilMs: null };
    const { breaker, tokenBreaker, budget } = this.#memory;
    if (breaker.kind === "open") return { reason: breaker.reason, untilMs: breaker.untilMs };
    if (this.#token.state(nowMs) === "missing" && tokenBreaker.kind === "open") {
      return { reason: tokenBreaker.reason, untilMs: tokenBreaker.untilMs };
    }
    return nowMs < budget.blockedUntilMs ? { reason: "throttled", untilMs: budget.blockedUntilMs } : null;
  }

  /** Any other call: same token, bucket, connections and breaker. Never waits for its turn: it says when to come again. */
  async graphql(request: GraphqlRequest): Promise<GraphqlReply> {
    const blocked = this.#blockedOther();
    if (blocked !== null) return blocked;
    if (this.#token.state(this.#deps.now()) === "missing") await this.#fetchToken();
    // The token took its time: everything may have changed.
    const nowMs = this.#deps.now();
    const blockedNow = this.#blockedOther();
    if (blockedNow !== null) return blockedNow;
    const accessToken = this.#token.current(nowMs);
    if (accessToken === null) return { kind: "later", afterMs: 1_000, reason: "no_token" };
    const ask = { kind: request.kind, cost: request.cost, pushesWait: pushesWait(this.#view(nowMs)) };
    const admission = admit(this.#memory.budget, ask, nowMs);
    if (admission.kind === "at") return { kind: "later", afterMs: admission.atMs - nowMs, reason: "pacing" };
    // A read of an importer is not one of the gate's own: it must neither teach their cost nor stop them.
    const taken = take(this.#memory.budget, ask, nowMs);
    const ticket: Ticket = { ...taken.ticket, kind: "other" };
    this.#memory = { ...this.#memory, budget: taken.budget };
    this.#othersInFlight += 1;
    this.kick();
    const reply = await guarded(() => this.#deps.shopify.graphql(accessToken, request.document, request.variables));
    this.#othersInFlight -= 1;
    const trouble = this.#learn(reply, judgeReply(reply), ticket, accessToken, null);
    this.#remember(this.#memory);
    this.kick();
    return toGraphqlReply(reply, trouble, this.#memory, this.#deps.now());
  }

  #blockedOther(): GraphqlReply | null {
    const nowMs = this.#deps.now();
    const { breaker } = this.#memory;
    const later = (afterMs: number, reason: string): GraphqlReply => ({ kind: "later", afterMs, reason });
    if (this.#settings.stopped) return later(60_000, "stopped");
    if (breaker.kind === "open" && nowMs < breaker.untilMs) return later(breaker.untilMs - nowMs, breaker.reason);
    if (modeOf(breaker, nowMs) === "half_open" && this.#callsInFlight > 0) return later(1_000, "probing");
    return this.#othersInFlight >= OTHERS_IN_FLIGHT_MAX ? later(250, "busy") : null;
  }

  get #callsInFlight(): number {
    return this.#mutations.size + this.#readsInFlight + this.#othersInFlight;
  }

  get #isBusy(): boolean {
    return this.#callsInFlight > 0 || this.#token.isComing || this.#reporter.isBusy;
  }

  #view(nowMs: number): GateView {
    const { journal } = this.#deps;
    const { budget, breaker, readBreaker, tokenBreaker, mutationCost } = this.#memory;
    const { readOnly, stopped, deltaMax } = this.#settings;
    const frozen = journal.frozenCalls().filter((call) => !call.isStuck && !this.#mutations.has(call.callKey));
    return {
      nowMs,
      readOnly,
      stopped,
      token: this.#token.state(nowMs),
      isTokenComing: this.#token.isComing,
      breaker,
      readBreaker,
      tokenBreaker,
      budget,
      mutationCost,
      inFlight: { mutations: this.#mutations.size, reads: this.#readsInFlight, others: this.#othersInFlight },
      frozen,
      pushAtMs: readOnly || stopped ? null : journal.nextDueMs(deltaMax),
      reads: this.#reads.nextChunk(this.#memory),
    };
  }

  #start(step: Exclude<GateStep, { kind: "wait" }>, nowMs: number): void {
    switch (step.kind) {
      case "fetch_token":
        void this.#fetchToken().then(() => this.kick());
        return;
      case "send_call":
        return this.#startCall(nowMs);
      case "send_again": {
        this.#deps.journal.startAttempt(step.callKey);
        const call = this.#deps.journal.call(step.callKey);
        if (call !== null) this.#send(call, nowMs);
        return;
      }
      case "send_read":
        return this.#startRead(nowMs);
    }
  }

  #startCall(nowMs: number): void {
    const { journal, shopify } = this.#deps;
    const waiting = journal.waiting({ deltaMax: this.#settings.deltaMax, nowMs, limit: CALL_ROWS_MAX });
    const pushes = packCall(waiting, this.#memory.rowsMax);
    if (pushes.length === 0) return;
    const callKey = this.#deps.mintCallKey();
    const variables = shopify.adjustVariables(callKey, rowsOf(pushes));
    journal.startCall({ callKey, variables, pushKeys: pushes.map(({ pushKey }) => pushKey) }, nowMs);
    const call = journal.call(callKey);
    if (call !== null) this.#send(call, nowMs);
  }

  /** The attempt is stored: rule 4 is kept. Nothing is awaited between the transaction and the request. */
  #send(call: StoredCall, nowMs: number): void {
    const accessToken = this.#token.current(nowMs) ?? "";
    const ticket = this.#take({ kind: "mutation", cost: this.#memory.mutationCost }, nowMs);
    this.#mutations.add(call.callKey);
    void guarded(() => this.#deps.shopify.adjust(accessToken, call.variables)).then((reply) => {
      this.#mutations.delete(call.callKey);
      try {
        this.#afterAdjust(call.callKey, reply, ticket, accessToken, nowMs);
      } catch (error) {
        // A bug, or the storage: what is not known to have failed stays frozen.
        this.#deps.log("error", "gate.bug", { shop: this.#deps.shop, callKey: call.callKey, reason: reasonOf(error) });
        this.#deps.journal.taintOpenAttempts(this.#deps.now(), call.callKey);
      }
      this.kick();
    });
  }

  #afterAdjust(
    callKey: CallKey,
    reply: Parameters<typeof judgeAdjust>[0],
    ticket: Ticket,
    accessToken: string,
    startedMs: number,
  ): void {
    const { journal, random } = this.#deps;
    const nowMs = this.#deps.now();
    const call = journal.call(callKey); // as it is now, not as it was before the request
    if (call === null) return;
    const rowCount = rowsOf(call.pushes).length;
    const verdict = judgeAdjust(reply, rowCount);
    const hadPause = this.#memory.breaker.kind === "open";
    this.#learn(reply, troubleIn(verdict), ticket, accessToken, null);
    if (verdict.kind === "applied") this.#memory = counted(this.#memory, { rowsSent: rowCount });
    if (verdict.kind === "mismatch") this.#memory = counted(this.#memory, { mismatches: 1 });
    const step = afterAttempt(call, verdict, nowMs, random);
    journal.settleCall(callKey, step, this.#memory, nowMs);
    if (hadPause && this.#memory.breaker.kind === "closed") journal.hastenFrozen(nowMs);
    this.#reporter.note();
    const counts = { pushes: call.pushes.length, rows: rowCount };
    this.#logCall(verdict, { callKey, attempts: call.attempts, ms: nowMs - startedMs, counts, outcome: step.kind });
  }

  #logCall(verdict: AdjustVerdict, fields: LogFields): void {
    const { log, shop } = this.#deps;
    if (verdict.kind === "applied") return log("info", "gate.call_applied", { shop, ...fields });
    const level = verdict.kind === "mismatch" || verdict.kind === "refused" ? "error" : "warn";
    log(level, `gate.call_${verdict.kind}`, { shop, ...fields, code: verdict.code, reason: verdict.message });
  }

  #startRead(nowMs: number): void {
    const chunk = this.#reads.nextChunk(this.#memory);
    const accessToken = this.#token.current(nowMs);
    if (chunk === null || accessToken === null) return;
    const ticket = this.#take({ kind: "read", cost: chunk.cost }, nowMs);
    this.#readsInFlight += 1;
    this.#reads.start(chunk);
    void guarded(() => this.#deps.shopify.levels(accessToken, chunk.items, chunk.locations)).then((reply) => {
      this.#readsInFlight -= 1;
      const trouble = this.#learn(reply, judgeReply(reply), ticket, accessToken, chunk.weight);
      const payload = trouble === null && reply.kind === "graphql" ? reply.data : null;
      this.#reads.finish(chunk, payload);
      const levels = [...(payload?.values() ?? [])].reduce((sum, each) => sum + (each?.length ?? 0), 0);
      this.#remember(counted(this.#memory, { levelsRead: levels }));
      if (trouble !== null) {
        const { code, message } = trouble;
        this.#deps.log("warn", "gate.read_failed", { shop: this.#deps.shop, code, reason: message });
      }
      this.#reporter.note();
      this.kick();
    });
  }

  #fetchToken(): Promise<void> {
    return this.#token.fetch((change) => this.#remember(change(this.#memory)));
  }

  #take(ask: { readonly kind: "mutation" | "read"; readonly cost: number }, nowMs: number): Ticket {
    const request = { ...ask, pushesWait: ask.kind === "mutation" || pushesWait(this.#view(nowMs)) };
    const { budget, ticket } = take(this.#memory.budget, request, nowMs);
    this.#memory = { ...this.#memory, budget };
    return ticket;
  }

  /** What a reply of any kind teaches: bucket, breakers, token. @returns the trouble, handed through */
  #learn(
    reply: ShopifyReply<unknown>,
    trouble: Trouble | null,
    ticket: Ticket,
    accessToken: string,
    weight: number | null,
  ): Trouble | null {
    const news = { ticket, cost: costOf(reply), trouble, weight, isTokenFixed: this.#token.isFixed };
    const before = this.#memory.breaker;
    this.#memory = afterReply(this.#memory, news, this.#deps.now(), this.#deps.random);
    if (trouble?.kind === "unauthorized") this.#token.drop(accessToken);
    const { breaker } = this.#memory;
    const { log, shop } = this.#deps;
    if (breaker.kind === "open" && before !== breaker) {
      log("error", "gate.paused", { shop, reason: breaker.reason, ms: breaker.untilMs - this.#deps.now() });
    } else if (breaker.kind === "closed" && before.kind === "open") log("info", "gate.resumed", { shop, reason: before.reason });
    return trouble;
  }

  #remember(memory: GateMemory): void {
    this.#memory = memory;
    this.#deps.journal.saveMemory(memory);
  }

  /** Rule 14. Checked before anything is sent, and never while an attempt is under way: its reply may still settle it. */
  #expireCalls(nowMs: number): void {
    const { journal, log, shop } = this.#deps;
    for (const call of journal.frozenCalls()) {
      if (this.#mutations.has(call.callKey) || !isExpired(call, nowMs)) continue;
      this.#memory = counted(this.#memory, { expiredCalls: 1 });
      journal.expireCall(call.callKey, this.#memory);
      log("error", "gate.call_expired", { shop, callKey: call.callKey });
    }
  }

  #expiryMs(): number | null {
    const frozen = this.#deps.journal.frozenCalls().filter(({ callKey }) => !this.#mutations.has(callKey));
    return earliest(frozen.map(({ firstAtMs }) => firstAtMs + CALL_EXPIRES_MS));
  }
}

/** A port that breaks its promise not to throw leaves us as wise as a broken connection. */
async function guarded<Data>(ask: () => Promise<ShopifyReply<Data>>): Promise<ShopifyReply<Data>> {
  try {
    return await ask();
  } catch (error) {
    return { kind: "no_reply", fault: "network", message: reasonOf(error) };
  }
}

/** Null where Shopify answered, whatever it said of rows and keys. */
function troubleIn(verdict: AdjustVerdict): Trouble | null {
  switch (verdict.kind) {
    case "applied":
    case "rows_refused":
    case "call_refused":
    case "previous_failed":
    case "mismatch":
      return null;
    default:
      return verdict;
  }
}

function earliest(times: readonly (number | null)[]): number | null {
  return times.reduce((first, atMs) => (first === null ? atMs : atMs === null ? first : Math.min(first, atMs)), null);
}
