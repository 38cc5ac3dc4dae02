import { describe, expect, it } from "vitest";
import { closedBreaker, isolated, probing } from "../../../../src/domain/breaker/breaker.ts";
import { type CallKey, fromStore } from "../../../../src/domain/ids.ts";
import { newBudget, take } from "../../../../src/domain/shop-gate/budget.ts";
import { type GateView, planStep } from "../../../../src/domain/shop-gate/plan.ts";

const NOW_MS = 1_000_000;
const view = (change: Partial<GateView> = {}): GateView => ({
  nowMs: NOW_MS,
  readOnly: false,
  stopped: false,
  mayProbe: true,
  token: "ready",
  isTokenComing: false,
  breaker: closedBreaker,
  readBreaker: closedBreaker,
  tokenBreaker: closedBreaker,
  budget: newBudget(NOW_MS),
  mutationCost: 13,
  inFlight: { mutations: 0, reads: 0, others: 0 },
  frozen: [],
  pushAtMs: null,
  hasUrgent: false,
  reads: null,
  ...change,
});
const waiting = { pushAtMs: NOW_MS };
const frozen = (nextTryMs: number) => [{ callKey: fromStore<CallKey>("call-1"), nextTryMs }];
const gathered = { oldestMs: NOW_MS - 50, cost: 10 };
const open = (untilMs: number) =>
  ({ kind: "open", openings: 1, untilMs, sinceMs: 0, openedAtMs: 0, reason: "HTTP_503" }) as const;
const wait = (untilMs: number | null, reason: string | null = null) => ({ kind: "wait", untilMs, reason });

describe("order", () => {
  it("rests when nothing waits, and asks for no token", () => {
    expect(planStep(view({ token: "missing" }))).toEqual(wait(null));
  });
  it("sends frozen calls before new ones, and pushes before reads", () => {
    expect(planStep(view({ ...waiting, frozen: frozen(NOW_MS), reads: gathered }))).toEqual({
      kind: "send_again",
      callKey: "call-1",
    });
    expect(planStep(view({ ...waiting, frozen: frozen(NOW_MS + 1), reads: gathered }))).toEqual({ kind: "send_call" });
    expect(planStep(view({ frozen: frozen(NOW_MS + 1), reads: gathered }))).toEqual({ kind: "send_read" });
  });
  it("uses the gap between two paced pushes for a read", () => {
    const { budget } = take(newBudget(NOW_MS), { kind: "mutation", cost: 13, pushesWait: true }, NOW_MS);
    expect(planStep(view({ ...waiting, budget, reads: gathered }))).toEqual({ kind: "send_read" });
    expect(planStep(view({ ...waiting, budget }))).toEqual(wait(NOW_MS + 130, "pacing"));
  });
});

describe("catches", () => {
  it("stopped: nothing at all", () => {
    expect(planStep(view({ ...waiting, stopped: true, token: "missing", reads: gathered }))).toEqual(
      wait(null, "stopped"),
    );
  });
  it("read-only: reads alone, and no frozen call either", () => {
    expect(planStep(view({ readOnly: true, frozen: frozen(NOW_MS), reads: gathered }))).toEqual({ kind: "send_read" });
    expect(planStep(view({ readOnly: true, frozen: frozen(NOW_MS) }))).toEqual(wait(null));
  });
});

describe("pauses", () => {
  it("nothing goes while the breaker is open", () => {
    expect(planStep(view({ ...waiting, breaker: open(NOW_MS + 1), token: "missing" }))).toEqual(
      wait(NOW_MS + 1, "HTTP_503"),
    );
  });
  it("one probe at a time goes when its pause is over", () => {
    expect(planStep(view({ ...waiting, breaker: open(NOW_MS) }))).toEqual({ kind: "send_call" });
    for (const inFlight of [
      { mutations: 1, reads: 0, others: 0 },
      { mutations: 0, reads: 1, others: 0 },
      { mutations: 0, reads: 0, others: 1 },
    ]) {
      expect(planStep(view({ ...waiting, breaker: open(NOW_MS), inFlight }))).toEqual(wait(null, "HTTP_503"));
    }
  });
  it("a Shopify of which nothing is asked is probed, so that the end of an outage is noticed", () => {
    const half = probing(open(NOW_MS), NOW_MS);
    expect(planStep(view({ breaker: open(NOW_MS) }))).toEqual({ kind: "probe" });
    expect(planStep(view({ breaker: half, pushAtMs: NOW_MS + 1 }))).toEqual({ kind: "probe" });
    expect(planStep(view({ breaker: half, token: "missing" }))).toEqual({ kind: "fetch_token" });
    const budget = { ...newBudget(NOW_MS), blockedUntilMs: NOW_MS + 2_000 };
    expect(planStep(view({ breaker: half, budget }))).toEqual(wait(NOW_MS + 2_000, "throttled"));
    expect(planStep(view({ breaker: half, mayProbe: false }))).toEqual(wait(null));
    expect(planStep(view({ breaker: open(NOW_MS + 1) }))).toEqual(wait(NOW_MS + 1, "HTTP_503"));
  });
  it("nothing goes, and nothing is probed, while an operator has isolated it", () => {
    const breaker = isolated(closedBreaker, "admin", "their deploy", 0);
    expect(planStep(view({ ...waiting, breaker, reads: gathered, frozen: frozen(NOW_MS) }))).toEqual(
      wait(null, "isolated"),
    );
  });
  it("a pause of reads holds no push up", () => {
    expect(planStep(view({ reads: gathered, readBreaker: open(NOW_MS + 9) }))).toEqual(wait(NOW_MS + 9));
    expect(planStep(view({ ...waiting, reads: gathered, readBreaker: open(NOW_MS + 9) }))).toEqual({
      kind: "send_call",
    });
  });
  it("THROTTLED holds everything up", () => {
    const budget = { ...newBudget(NOW_MS), blockedUntilMs: NOW_MS + 3_000 };
    expect(planStep(view({ ...waiting, budget, reads: gathered }))).toEqual(wait(NOW_MS + 3_000, "throttled"));
  });
});

describe("the token", () => {
  it("is fetched before anything is sent", () => {
    expect(planStep(view({ ...waiting, token: "missing" }))).toEqual({ kind: "fetch_token" });
    expect(planStep(view({ ...waiting, token: "missing", isTokenComing: true }))).toEqual(wait(null, "no_token"));
  });
  it("is renewed early, while calls go on with the old one", () => {
    expect(planStep(view({ ...waiting, token: "ageing" }))).toEqual({ kind: "fetch_token" });
    expect(planStep(view({ ...waiting, token: "ageing", isTokenComing: true }))).toEqual({ kind: "send_call" });
    expect(planStep(view({ ...waiting, token: "ageing", tokenBreaker: open(NOW_MS + 1) }))).toEqual({
      kind: "send_call",
    });
  });
  it("is not asked for while its own pause lasts", () => {
    expect(planStep(view({ ...waiting, token: "missing", tokenBreaker: open(NOW_MS + 7) }))).toEqual(
      wait(NOW_MS + 7, "HTTP_503"),
    );
    expect(planStep(view({ ...waiting, token: "missing", tokenBreaker: open(NOW_MS) }))).toEqual({
      kind: "fetch_token",
    });
  });
});

describe("connections", () => {
  it("three mutations, one read, whatever else is under way", () => {
    const full = { mutations: 3, reads: 1, others: 1 };
    expect(planStep(view({ ...waiting, reads: gathered, inFlight: full }))).toEqual(wait(null, "pacing"));
    expect(planStep(view({ ...waiting, inFlight: { ...full, mutations: 2 } }))).toEqual({ kind: "send_call" });
    expect(planStep(view({ reads: gathered, inFlight: { ...full, reads: 0 } }))).toEqual({ kind: "send_read" });
  });
});

describe("time", () => {
  it("waits for the first of what is due later", () => {
    expect(planStep(view({ pushAtMs: NOW_MS + 70, frozen: frozen(NOW_MS + 90) }))).toEqual(wait(NOW_MS + 70));
    expect(planStep(view({ pushAtMs: NOW_MS + 70, reads: { oldestMs: NOW_MS, cost: 10 } }))).toEqual(wait(NOW_MS + 50));
  });
  it("gathers reads for 50 ms", () => {
    expect(planStep(view({ reads: { oldestMs: NOW_MS - 49, cost: 10 } }))).toEqual(wait(NOW_MS + 1));
    expect(planStep(view({ reads: gathered }))).toEqual({ kind: "send_read" });
  });
});
