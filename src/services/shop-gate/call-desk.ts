/**
 * Carries calls of pushes to Shopify: packs, stores, sends, and stores what came of it. The journal's rules 4 to 10 and 14
 * meet here; what a verdict means is decided in domain/shop-gate/after-attempt.ts.
 */
import type { CallKey } from "../../domain/ids.ts";
import { afterAttempt, type CallStep, isExpired, rowsOf } from "../../domain/shop-gate/after-attempt.ts";
import type { Request } from "../../domain/shop-gate/budget.ts";
import { type AdjustVerdict, judgeAdjust } from "../../domain/shop-gate/judge-adjust.ts";
import type { Trouble } from "../../domain/shop-gate/judge-reply.ts";
import { type Leads, leadsAfter, nextLane, noLeads, orderOf, rowsOfCall } from "../../domain/shop-gate/lane.ts";
import { CALL_EXPIRES_MS, CALL_ROWS_MAX } from "../../domain/shop-gate/limits.ts";
import { packCall } from "../../domain/shop-gate/pack.ts";
import type { AdjustPayload, ShopifyReply } from "../../domain/shop-gate/reply.ts";
import { type LogFields, reasonOf } from "../../observability/log.ts";
import type { FrozenCall, GateDeps, StoredCall } from "./gate-deps.ts";
import { type GateMind, guarded, type Started } from "./gate-mind.ts";

export type OthersWaiting = (nowMs: number) => Pick<Request, "readsWait" | "othersWait">;

export class CallDesk {
  readonly #deps: GateDeps;
  readonly #mind: GateMind;
  readonly #othersWaiting: OthersWaiting;
  readonly #afterwards: () => void;
  readonly #inFlight = new Set<CallKey>();
  /** Which lanes led the calls of late: who has led enough gives way. */
  #leads: Leads = noLeads;

  /**
   * @param othersWaiting  who else wants points
   * @param afterwards     called when an attempt is over and its outcome stored
   */
  constructor(deps: GateDeps, mind: GateMind, othersWaiting: OthersWaiting, afterwards: () => void) {
    this.#othersWaiting = othersWaiting;
    this.#deps = deps;
    this.#mind = mind;
    this.#afterwards = afterwards;
  }

  get inFlight(): number {
    return this.#inFlight.size;
  }

  /** Calls whose outcome is unknown and that may be sent again, the oldest first. */
  frozen(): readonly FrozenCall[] {
    return this.#deps.journal.frozenCalls().filter(({ callKey, isStuck }) => !isStuck && !this.#inFlight.has(callKey));
  }

  /** A new call of what waits. */
  sendNew(nowMs: number): void {
    const { journal, shopify } = this.#deps;
    const { deltaMax } = this.#mind.settings;
    const lane = nextLane(journal.lanesDue({ deltaMax, nowMs }), this.#leads);
    if (lane === null) return;
    const waiting = journal.waiting({ deltaMax, nowMs, limit: CALL_ROWS_MAX }, orderOf(lane));
    const pushes = packCall(
      waiting,
      Math.min(rowsOfCall(lane, this.#mind.memory.rowsMax), shopify.rowsMax ?? CALL_ROWS_MAX),
    );
    const kind = pushes[0]?.kind;
    if (kind === undefined) return;
    this.#leads = leadsAfter(this.#leads, lane);
    const callKey = this.#deps.mintCallKey();
    const rows = rowsOf(pushes);
    const variables = kind === "move" ? shopify.moveVariables(callKey, rows) : shopify.adjustVariables(callKey, rows);
    journal.startCall({ callKey, kind, variables, pushKeys: pushes.map(({ pushKey }) => pushKey) }, nowMs);
    this.#send(callKey, nowMs);
  }

  /** Rule 5: a frozen call again, as it was. */
  sendAgain(callKey: CallKey, nowMs: number): void {
    this.#deps.journal.startAttempt(callKey);
    this.#send(callKey, nowMs);
  }

  /** Rule 14. Never while an attempt is under way: its reply may still settle it. @returns when the next one is due */
  expire(nowMs: number): number | null {
    const { journal, log, shop } = this.#deps;
    let nextMs: number | null = null;
    for (const call of journal.frozenCalls()) {
      if (this.#inFlight.has(call.callKey)) continue;
      const dueMs = call.firstAtMs + CALL_EXPIRES_MS;
      if (!isExpired(call, nowMs)) {
        nextMs = Math.min(nextMs ?? dueMs, dueMs);
        continue;
      }
      this.#mind.count({ expiredCalls: 1 });
      journal.expireCall(call.callKey, this.#mind.memory);
      log("error", "gate.call_expired", { shop, callKey: call.callKey });
    }
    return nextMs;
  }

  /** The attempt is stored. Nothing is awaited between that transaction and the request. */
  #send(callKey: CallKey, nowMs: number): void {
    const call = this.#deps.journal.call(callKey);
    const accessToken = this.#mind.token.current(nowMs);
    if (call === null || accessToken === null) return;
    const { mutationCost: cost } = this.#mind.memory;
    const request = { kind: "mutation", cost, pushesWait: true, ...this.#othersWaiting(nowMs) } as const;
    const ticket = this.#mind.take(request, nowMs);
    const started: Started = { ticket, startedMs: nowMs, asker: "gate", weight: null, accessToken };
    this.#inFlight.add(callKey);
    const { shopify } = this.#deps;
    const { kind, variables } = call;
    void guarded(() =>
      kind === "move" ? shopify.move(accessToken, variables) : shopify.adjust(accessToken, variables),
    ).then((reply) => {
      this.#inFlight.delete(callKey);
      try {
        this.#finish(callKey, started, reply, nowMs);
      } catch (error) {
        // A bug, or the storage: what is not known to have failed stays frozen.
        this.#deps.log("error", "gate.bug", { shop: this.#deps.shop, callKey, reason: reasonOf(error) });
        this.#deps.journal.taintOpenAttempts(this.#deps.now(), callKey);
      }
      this.#afterwards();
    });
  }

  #finish(callKey: CallKey, started: Started, reply: ShopifyReply<AdjustPayload>, startedMs: number): void {
    const { journal, random } = this.#deps;
    const nowMs = this.#deps.now();
    const call = journal.call(callKey); // as it is now, not as it was before the request
    if (call === null) return;
    const rowCount = rowsOf(call.pushes).length;
    const verdict = judgeAdjust(reply, rowCount, call.kind);
    this.#mind.learn(started, reply, troubleIn(verdict), verdict.kind);
    if (verdict.kind === "applied") this.#mind.count({ rowsSent: rowCount });
    if (verdict.kind === "mismatch") this.#mind.count({ mismatches: 1 });
    const step = afterAttempt(call, verdict, nowMs, random);
    journal.settleCall(callKey, step, this.#mind.memory, nowMs);
    this.#measure(call, step, rowCount, nowMs);
    this.#log(verdict, call, { ms: nowMs - startedMs, outcome: step.kind });
  }

  #measure({ pushes }: StoredCall, step: CallStep, rows: number, nowMs: number): void {
    const { meter, shop } = this.#deps;
    meter.observe("onhand_gate_call_rows", { shop }, rows);
    if (step.kind !== "done") return;
    for (const { receivedAtMs } of pushes) {
      if (receivedAtMs !== null)
        meter.observe("onhand_event_to_shopify_seconds", { shop }, (nowMs - receivedAtMs) / 1_000);
    }
  }

  #log(verdict: AdjustVerdict, { callKey, kind, attempts, pushes }: StoredCall, more: LogFields): void {
    const { log, shop } = this.#deps;
    const rows = rowsOf(pushes).length;
    const counts = kind === "move" ? { pushes: pushes.length, moves: rows } : { pushes: pushes.length, rows };
    const fields = { shop, callKey, attempts, counts, ...more };
    if (verdict.kind === "applied") {
      log("info", "gate.call_applied", fields);
      return;
    }
    const level = verdict.kind === "mismatch" || verdict.kind === "refused" ? "error" : "warn";
    log(level, `gate.call_${verdict.kind}`, { ...fields, code: verdict.code, reason: verdict.message });
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
