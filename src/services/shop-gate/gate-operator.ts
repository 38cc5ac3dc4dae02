/**
 * What an operator sees of a gate, and the few things he may do to it. Each action is allowed only where the journal's
 * rules make it safe: approve what waits for approval, cancel what was certainly not sent, settle what ran out of time.
 */
import { SHOPIFY_BREAKER } from "../../domain/breaker/policies.ts";
import { statusOf } from "../../domain/breaker/status.ts";
import type { PushKey, ShopLocationId } from "../../domain/ids.ts";
import { pointsFree } from "../../domain/shop-gate/budget.ts";
import { holdOf } from "../../domain/shop-gate/hold.ts";
import type { GateStatus, HeldPush, OperatorReply, PushEvidence, PushResult } from "../gate-contract.ts";
import type { GateDeps, StoredPush } from "./gate-deps.ts";
import type { GateMind } from "./gate-mind.ts";
import type { Gate } from "./shop-gate.ts";

export class GateOperator {
  readonly #gate: Gate;
  readonly #mind: GateMind;
  readonly #deps: GateDeps;

  constructor(gate: Gate, mind: GateMind, deps: GateDeps) {
    this.#gate = gate;
    this.#mind = mind;
    this.#deps = deps;
  }

  status(): GateStatus {
    const { budget, counts, breaker } = this.#mind.memory;
    const { mutations, reads, other, rateLimited } = counts;
    const pause = this.#gate.pause();
    return {
      settings: this.#mind.settings,
      bucket: {
        available: Math.floor(pointsFree(budget, this.#deps.now())),
        maximum: budget.maximum,
        restorePerSecond: budget.restorePerSecond,
      },
      calls: { mutations, reads, other, rateLimited },
      rowsSent: counts.rowsSent,
      levelsRead: counts.levelsRead,
      ...this.#deps.journal.counts(),
      readsWaiting: this.#gate.readsWaiting,
      alerts: { conflicts: counts.conflicts, mismatches: counts.mismatches, expiredCalls: counts.expiredCalls },
      pausedReason: pause?.reason ?? null,
      pausedUntilMs: pause?.untilMs ?? null,
      breaker: statusOf(breaker, SHOPIFY_BREAKER, this.#deps.now()),
      outageEndedMs: this.#mind.memory.outage.endedMs,
    };
  }

  /** What would be sent, and why it is not: the preview of the read-only mode, and the list of what waits for somebody. */
  held(limit: number): readonly HeldPush[] {
    const { journal } = this.#deps;
    const frozen = new Set(journal.frozenCalls().map(({ callKey }) => callKey));
    return journal.openPushes(limit).flatMap((push): HeldPush[] => {
      const reason = this.#reasonOf(push, push.callKey !== null && frozen.has(push.callKey));
      if (reason === null) return [];
      const { pushKey, skuId, listingId, kind, rows, correlationId, state, submittedAtMs } = push;
      return [{ pushKey, skuId, listingId, kind, rows, correlationId, state, reason, submittedAtMs }];
    });
  }

  /** Let a push above the largest delta go. */
  approve(pushKey: PushKey): OperatorReply {
    return this.#act(pushKey, ["queued"], "only a push that waits can be approved", () => {
      this.#deps.journal.approve(pushKey);
    });
  }

  /** Withdraw a push that was certainly not sent. Its counter parks the levels, or it would ask for the same again. */
  cancel(pushKey: PushKey): OperatorReply {
    return this.#act(pushKey, ["queued"], "only a push that was certainly not sent can be cancelled", (push) => {
      const park = locationsOf(push);
      const { listingId } = push;
      this.#settle({
        kind: "failed",
        pushKey,
        listingId,
        code: "CANCELLED",
        message: "cancelled by an operator",
        park,
      });
    });
  }

  /** Rule 14: a person decides whether a push of unknown outcome was applied. Its counter then reads the levels. */
  resolve(pushKey: PushKey, applied: boolean): OperatorReply {
    const why = "only a push whose call ran out of time, or is stuck, can be resolved";
    return this.#act(pushKey, ["expired", ...(this.#isStuck(pushKey) ? ["sending"] : [])], why, ({ listingId }) => {
      this.#settle(
        applied
          ? { kind: "applied", pushKey, listingId, atMs: null, after: [] }
          : {
              kind: "failed",
              pushKey,
              listingId,
              code: "EXPIRED_NOT_APPLIED",
              message: "an operator found that it was not applied",
              park: [],
              readBack: true,
            },
      );
    });
  }

  /** What is known of a push that was sent: for the decision of `resolve`. Null for a push that no call carries. */
  async evidence(pushKey: PushKey): Promise<PushEvidence | null> {
    const { journal, shopify } = this.#deps;
    const push = journal.push(pushKey);
    const call = push === null || push.callKey === null ? null : journal.call(push.callKey);
    if (push === null || call === null) return null;
    const { skuId, listingId, kind, rows, correlationId, state } = push;
    const { callKey, firstAtMs, attempts, code, message } = call;
    return {
      push: { pushKey, skuId, listingId, kind, rows, correlationId },
      state,
      call: {
        callKey,
        referenceDocumentUri: shopify.referenceDocumentUri(callKey),
        firstAtMs,
        attempts,
        code,
        message,
      },
      levels: await this.#gate.others.levelsNow(rows),
    };
  }

  #act(pushKey: PushKey, allowed: readonly string[], why: string, act: (push: StoredPush) => void): OperatorReply {
    const push = this.#deps.journal.push(pushKey);
    if (push === null) return { kind: "unknown_push" };
    if (!allowed.includes(push.state)) return { kind: "not_allowed", state: push.state, why };
    act(push);
    this.#gate.refresh();
    return { kind: "done" };
  }

  #settle(result: PushResult): void {
    const { journal, log, shop } = this.#deps;
    journal.settlePush(result, this.#deps.now());
    const code = result.kind === "failed" ? result.code : "RESOLVED_APPLIED";
    log("warn", "gate.push_settled_by_operator", { shop, pushKey: result.pushKey, code });
  }

  #isStuck(pushKey: PushKey): boolean {
    const push = this.#deps.journal.push(pushKey);
    return push?.callKey != null && this.#deps.journal.call(push.callKey)?.isStuck === true;
  }

  #reasonOf(push: StoredPush, isFrozen: boolean): HeldPush["reason"] | null {
    if (push.state === "expired") return "expired";
    if (push.state === "sending") return isFrozen ? "frozen" : null;
    return holdOf(push, this.#mind.settings) ?? (this.#gate.pause() === null ? "pacing" : "paused");
  }
}

const locationsOf = ({ rows }: StoredPush): readonly ShopLocationId[] => [
  ...new Set(rows.map(({ location }) => location)),
];
