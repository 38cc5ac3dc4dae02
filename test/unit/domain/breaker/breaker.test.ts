import { describe, expect, it } from "vitest";
import {
  afterFailure,
  afterShut,
  afterSuccess,
  type Breaker,
  closedBreaker,
  hastened,
  isolated,
  probing,
  released,
  revivedBreaker,
  stateOf,
} from "../../../../src/domain/breaker/breaker.ts";
import { changeOf, NEWS_MAX, withNews, withoutTold } from "../../../../src/domain/breaker/news.ts";
import { SHOPIFY_BREAKER as POLICY } from "../../../../src/domain/breaker/policies.ts";
import { statusOf } from "../../../../src/domain/breaker/status.ts";

const NOW_MS = 1_800_000_000_000;
const none = (): number => 0;

type Call = { readonly startedMs?: number; readonly retryAfterSeconds?: number | null };
const fail = (breaker: Breaker, nowMs: number, { startedMs = nowMs, retryAfterSeconds = null }: Call = {}): Breaker =>
  afterFailure(breaker, { startedMs, reason: "HTTP_503", retryAfterSeconds }, POLICY, nowMs, none);
const succeed = (breaker: Breaker, nowMs: number, startedMs = nowMs): Breaker =>
  afterSuccess(breaker, startedMs, POLICY, nowMs);
/** "f" fails, "s" succeeds, one each `everyMs`. */
function history(calls: string, everyMs: number, from: Breaker = closedBreaker, startMs = NOW_MS): Breaker {
  return [...calls].reduce<Breaker>(
    (breaker, call, i) => (call === "f" ? fail : succeed)(breaker, startMs + i * everyMs),
    from,
  );
}
const opened = (nowMs = NOW_MS): Breaker => fail(closedBreaker, nowMs, { retryAfterSeconds: 1 });

describe("a closed breaker", () => {
  it("opens when half of twenty calls in thirty seconds have failed", () => {
    expect(history("sf".repeat(10), 1_000)).toMatchObject({ kind: "open", openings: 1, reason: "HTTP_503" });
  });

  it("does not open at nineteen calls, nor below one half", () => {
    expect(history("fs".repeat(9), 1_000).kind).toBe("closed");
    expect(history("ssf".repeat(9), 1_000).kind).toBe("closed");
  });

  it("does not open when the same twenty calls took longer than the window", () => {
    expect(history("sf".repeat(10), 3_000).kind).toBe("closed");
  });

  it("of a quiet destination opens at the third failure in a row", () => {
    expect(history("ff", 60_000)).toMatchObject({ kind: "closed", failuresInRow: 2 });
    expect(history("ffsff", 60_000)).toMatchObject({ kind: "closed", failuresInRow: 2 });
    expect(history("fff", 60_000)).toMatchObject({ kind: "open" });
  });

  it("opens at once for a destination that says for how long, and no strange Retry-After stops it for days", () => {
    expect(fail(closedBreaker, NOW_MS, { retryAfterSeconds: 12 })).toMatchObject({ untilMs: NOW_MS + 12_000 });
    expect(fail(closedBreaker, NOW_MS, { retryAfterSeconds: 1e9 })).toMatchObject({ untilMs: NOW_MS + 900_000 });
  });

  it("does not hear of calls that left before it closed", () => {
    const closed: Breaker = { ...closedBreaker, sinceMs: NOW_MS };
    expect(fail(closed, NOW_MS + 10, { startedMs: NOW_MS - 1 })).toBe(closed);
  });
});

describe("an open breaker", () => {
  it("takes no notice of what returns during its pause", () => {
    const open = opened();
    expect([fail(open, NOW_MS + 1), succeed(open, NOW_MS + 1)]).toEqual([open, open]);
  });

  it("is half-open when the pause is over", () => {
    expect(stateOf(opened(), NOW_MS + 999)).toBe("open");
    expect(stateOf(opened(), NOW_MS + 1_000)).toBe("half_open");
    expect(probing(opened(), NOW_MS + 999)).toEqual(opened());
    expect(probing(opened(), NOW_MS + 1_000)).toMatchObject({ kind: "half_open", succeeded: 0 });
  });

  it("stays open for 1, 2, 4 … 30 s as probe after probe fails, and remembers when it all began", () => {
    let breaker = opened();
    const pauses: number[] = [];
    for (let i = 0; i < 7 && breaker.kind === "open"; i += 1) {
      pauses.push((breaker.untilMs - breaker.sinceMs) / 1_000);
      breaker = fail(probing(breaker, breaker.untilMs), breaker.untilMs);
    }
    expect(pauses).toEqual([1, 2, 4, 8, 16, 30, 30]);
    expect(breaker).toMatchObject({ openedAtMs: NOW_MS });
  });
});

describe("a half-open breaker", () => {
  const half = probing(opened(), NOW_MS + 1_000);

  it("closes after two probes, and begins with an empty window", () => {
    const one = succeed(half, NOW_MS + 1_100);
    expect(one).toMatchObject({ kind: "half_open", succeeded: 1 });
    expect(succeed(one, NOW_MS + 1_200)).toEqual({ ...closedBreaker, sinceMs: NOW_MS + 1_200 });
  });

  it("opens again when the second probe fails", () => {
    expect(fail(succeed(half, NOW_MS + 1_100), NOW_MS + 1_200)).toMatchObject({ kind: "open", openings: 2 });
  });

  it("does not take for a probe what left before the outage", () => {
    expect(succeed(half, NOW_MS + 1_100, NOW_MS - 5)).toBe(half);
    expect(fail(half, NOW_MS + 1_100, { startedMs: NOW_MS - 5 })).toBe(half);
  });
});

describe("a destination that lets nobody in", () => {
  const shut = (breaker: Breaker, reason: string, nowMs: number): Breaker =>
    afterShut(breaker, { startedMs: nowMs, reason }, { delaySeconds: 60, delaySecondsMax: 900 }, nowMs, none);

  it("is left alone at once, for 1, 2, 4, 8, 15 minutes", () => {
    let breaker: Breaker = closedBreaker;
    let nowMs = NOW_MS;
    const minutes = Array.from({ length: 6 }, () => {
      breaker = shut(probing(breaker, nowMs), "shop_frozen", nowMs);
      const waitMs = breaker.kind === "open" ? breaker.untilMs - nowMs : 0;
      nowMs += waitMs;
      return waitMs / 60_000;
    });
    expect(minutes).toEqual([1, 2, 4, 8, 15, 15]);
  });

  it("begins anew for another reason, and a late reply is none", () => {
    const frozen = shut(closedBreaker, "shop_frozen", NOW_MS);
    expect(shut(probing(frozen, NOW_MS + 60_000), "unauthorized", NOW_MS + 60_000)).toMatchObject({ openings: 1 });
    expect(afterShut(frozen, { startedMs: NOW_MS - 1, reason: "x" }, POLICY.pause, NOW_MS, none)).toBe(frozen);
  });
});

describe("an operator", () => {
  const stopped = isolated(opened(), "admin", "their deploy", NOW_MS + 500);

  it("isolates: nothing but a release ends it", () => {
    expect(stateOf(stopped, NOW_MS + 1e9)).toBe("isolated");
    expect([fail(stopped, NOW_MS + 1e6), succeed(stopped, NOW_MS + 1e6), hastened(stopped, NOW_MS + 1e6)]).toEqual([
      ...[stopped, stopped, stopped],
    ]);
  });

  it("releases into probes, not into full traffic", () => {
    expect(released(stopped, NOW_MS + 900)).toEqual({
      ...{ kind: "half_open", succeeded: 0, openings: 0 },
      ...{ sinceMs: NOW_MS + 900, openedAtMs: NOW_MS, reason: "their deploy" },
    });
    expect(released(closedBreaker, NOW_MS)).toBe(closedBreaker);
  });

  it("ends a pause by hand: the next call is the probe", () => {
    expect(hastened(opened(), NOW_MS + 1)).toMatchObject({ kind: "half_open", openedAtMs: NOW_MS });
    expect(hastened(closedBreaker, NOW_MS)).toBe(closedBreaker);
  });
});

describe("what is told of a breaker", () => {
  it("is each change, with the reason and the beginning of the outage", () => {
    const half = probing(opened(), NOW_MS + 1_000);
    expect(changeOf(closedBreaker, opened(), NOW_MS)).toEqual({
      ...{ from: "closed", to: "open", reason: "HTTP_503", openedAtMs: NOW_MS, atMs: NOW_MS },
    });
    expect(changeOf(half, { ...closedBreaker, sinceMs: 1 }, NOW_MS + 5)).toEqual({
      ...{ from: "half_open", to: "closed", reason: "HTTP_503", openedAtMs: NOW_MS, atMs: NOW_MS + 5 },
    });
    expect(changeOf(opened(), opened(NOW_MS + 1), NOW_MS)).toBeNull();
  });

  it("is bounded, the newest last; what was told goes, what came meanwhile stays", () => {
    let news = withNews([], closedBreaker, opened(), 0);
    for (let i = 1; i <= NEWS_MAX; i += 1) news = withNews(news, closedBreaker, opened(), i);
    expect([news.length, news[0]?.atMs, news.at(-1)?.atMs]).toEqual([NEWS_MAX, 1, NEWS_MAX]);
    const more = withNews(news, opened(), closedBreaker, 99);
    expect(withoutTold(more, news)).toEqual([more.at(-1)]);
  });

  it("is its state now: what was counted, or when it is tried again", () => {
    expect(statusOf(history("sfs", 1_000), POLICY, NOW_MS + 2_000)).toEqual({
      ...{ state: "closed", sinceMs: null, openedAtMs: null, reason: null, by: null },
      ...{ calls: 3, failures: 1, failuresInRow: 0, nextProbeMs: null },
    });
    expect(statusOf(opened(), POLICY, NOW_MS + 999)).toMatchObject({ state: "open", nextProbeMs: NOW_MS + 1_000 });
    expect(statusOf(opened(), POLICY, NOW_MS + 5_000)).toMatchObject({
      ...{ state: "half_open", sinceMs: NOW_MS + 1_000, openedAtMs: NOW_MS },
    });
    const stopped = isolated(closedBreaker, "admin", "their deploy", NOW_MS);
    expect(statusOf(stopped, POLICY, NOW_MS)).toMatchObject({ state: "isolated", by: "admin", nextProbeMs: null });
  });
});

describe("from storage", () => {
  it("comes back as it was", () => {
    for (const breaker of [history("sfs", 1_000), opened(), probing(opened(), NOW_MS + 1_000)])
      expect(revivedBreaker(JSON.parse(JSON.stringify(breaker)), NOW_MS + 60_000)).toEqual(breaker);
  });

  it("of an older version begins anew, and a clock that went back makes no call late", () => {
    expect(revivedBreaker({ kind: "open", openings: 3, untilMs: 5, reason: "x" }, NOW_MS)).toBe(closedBreaker);
    expect(revivedBreaker(undefined, NOW_MS)).toBe(closedBreaker);
    const half = revivedBreaker(probing(opened(), NOW_MS + 1_000), NOW_MS - 5_000);
    expect(succeed(half, NOW_MS - 4_000)).toMatchObject({ succeeded: 1 });
  });
});
