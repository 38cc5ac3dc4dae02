import { describe, expect, it } from "vitest";
import { type Breaker, closedBreaker, isolated, probing } from "../../../../src/domain/breaker/breaker.ts";
import { take } from "../../../../src/domain/shop-gate/budget.ts";
import {
  afterReply,
  afterTokenRefusal,
  type GateMemory,
  newMemory,
  type ReplyNews,
  resumed,
  revivedMemory,
  withBreaker,
} from "../../../../src/domain/shop-gate/gate-memory.ts";
import type { Trouble } from "../../../../src/domain/shop-gate/judge-reply.ts";

const NOW_MS = 1_000_000;
const told = { code: "CODE", message: "" };
const cost = { requested: 14, actual: 14, maximum: 4_000, available: 3_986, restorePerSecond: 200 };
const none = (): number => 0;

function reply(trouble: Trouble | null, change: Partial<ReplyNews> = {}, memory = newMemory(NOW_MS)): GateMemory {
  const kind = change.ticket?.kind ?? "mutation";
  const { budget, ticket } = take(memory.budget, { kind, cost: 15, pushesWait: true }, NOW_MS);
  const token = { isTokenFixed: false, isTokenCurrent: true };
  const news: ReplyNews = {
    ticket,
    startedMs: NOW_MS,
    asker: "gate",
    cost: null,
    trouble,
    weight: null,
    costName: null,
    ...token,
    ...change,
  };
  return afterReply({ ...memory, budget }, { ...news, ticket: { ...ticket, kind } }, NOW_MS, none);
}
const of = (kind: "mutation" | "read" | "other") => ({ ticket: { kind, cost: 15, msPerPoint: 10 } });
const opened = { sinceMs: NOW_MS - 9_000, openedAtMs: NOW_MS - 60_000, reason: "HTTP_503" };
const open = { kind: "open", openings: 3, untilMs: NOW_MS - 1, ...opened } as const;

describe("counts", () => {
  it("are kept by what was asked, and by whom", () => {
    expect(reply(null).counts).toMatchObject({ mutations: 1, reads: 0, other: 0 });
    expect(reply(null, of("read")).counts).toMatchObject({ mutations: 0, reads: 1, other: 0 });
    expect(reply(null, { ...of("read"), asker: "caller" }).counts).toMatchObject({ mutations: 0, reads: 0, other: 1 });
  });

  it("count THROTTLED and 429 as rate limits, and nothing else", () => {
    expect(reply({ kind: "throttled", ...told }).counts.rateLimited).toBe(1);
    expect(reply({ kind: "rate_limited", retryAfterSeconds: null, ...told }).counts.rateLimited).toBe(1);
    expect(reply({ kind: "unauthorized", ...told }).counts.rateLimited).toBe(0);
  });
});

describe("what a reply teaches", () => {
  it("is what an adjustment costs, and what a read costs by weight", () => {
    expect(reply(null, { cost }).mutationCost).toBe(14);
    expect(reply(null, { ...of("read"), weight: 28, cost })).toMatchObject({ pointsPerWeight: 0.5, mutationCost: 15 });
  });

  it("is nothing when the document was a caller's own", () => {
    const memory = reply(null, { ...of("other"), asker: "caller", cost });
    expect(memory).toMatchObject({
      mutationCost: 15,
      pointsPerWeight: 1,
      budget: { maximum: 4_000, available: 3_986 },
    });
  });

  it("is, of a caller's query with a name, what it asks for: the newest sixteen names", () => {
    const named = (costName: string) => ({ ...of("other"), asker: "caller", cost, costName }) as const;
    const memory = reply(null, named("items/100"));
    expect(memory.otherCosts).toEqual({ "items/100": 14 });
    let full = memory;
    for (let i = 0; i < 20; i += 1) full = reply(null, named(`other/${i}`), full);
    expect(Object.keys(full.otherCosts)).toHaveLength(16);
    expect(full.otherCosts).toMatchObject({ "other/19": 14 });
  });

  it("is to ask for less when Shopify finds it too large", () => {
    const tooLarge: Trouble = { kind: "too_large", ...told };
    expect(reply(tooLarge).rowsMax).toBe(125);
    expect(reply(tooLarge, of("read"))).toMatchObject({ rowsMax: 250, pointsPerWeight: 2 });
    expect(reply(tooLarge, { ...of("other"), asker: "caller" })).toMatchObject({ rowsMax: 250, pointsPerWeight: 1 });
  });

  it("is to stop when a call of one row is too large: then it is our document", () => {
    const least = { ...newMemory(NOW_MS), rowsMax: 1 };
    expect(reply({ kind: "too_large", ...told }, {}, least)).toMatchObject({
      rowsMax: 1,
      breaker: { kind: "open", reason: "CODE", untilMs: NOW_MS + 60_000 },
    });
  });
});

describe("pauses", () => {
  it.each<[string, Trouble, string, number]>([
    ["a frozen shop", { kind: "shut", reason: "shop_frozen", ...told }, "shop_frozen", 60],
    ["a refused document of ours", { kind: "refused", ...told }, "CODE", 60],
    ["a missing scope", { kind: "denied", ...told }, "CODE", 60],
    ["503 with Retry-After", { kind: "unclear", blames: "shopify", retryAfterSeconds: 3, ...told }, "CODE", 3],
  ])("%s stops everything", (_, trouble, reason, seconds) => {
    expect(reply(trouble).breaker).toEqual({
      ...{ kind: "open", openings: 1, untilMs: NOW_MS + seconds * 1_000, reason },
      ...{ sinceMs: NOW_MS, openedAtMs: NOW_MS },
    });
  });

  it("429 blocks the bucket as long as it says, else 1, 2, 4 s and so on; the breaker stays out of it", () => {
    const limited = (retryAfterSeconds: number | null): Trouble => ({
      kind: "rate_limited",
      retryAfterSeconds,
      ...told,
    });
    const blockedMs = ({ budget }: GateMemory): number => budget.blockedUntilMs - NOW_MS;
    expect([null, 5, 1e9].map((seconds) => blockedMs(reply(limited(seconds))))).toEqual([1_000, 5_000, 900_000]);
    const twice = reply(limited(null), {}, reply(limited(null)));
    expect([blockedMs(twice), twice.breaker.kind, twice.counts.rateLimited]).toEqual([2_000, "closed", 2]);
    expect(reply(null, {}, twice).budget.limitedInRow).toBe(0);
  });

  it("THROTTLED blocks the bucket, not the breaker", () => {
    const memory = reply(
      { kind: "throttled", ...told },
      { cost: { ...cost, requested: 500, available: 100, actual: null } },
    );
    expect(memory).toMatchObject({ breaker: { kind: "closed" }, budget: { blockedUntilMs: NOW_MS + 2_000 } });
  });

  it("one lost reply pauses nothing but its call", () => {
    expect(reply({ kind: "unclear", blames: "shopify", retryAfterSeconds: null, ...told }).breaker).toMatchObject({
      kind: "closed",
      failuresInRow: 1,
    });
  });

  it("end with the second answer to a probe, whatever it says of the call", () => {
    const once = reply(null, {}, { ...newMemory(NOW_MS), breaker: probing(open, NOW_MS) });
    expect(once.breaker).toMatchObject({ kind: "half_open", succeeded: 1 });
    const ends = (trouble: Trouble | null, change: Partial<ReplyNews> = {}): Breaker["kind"] =>
      reply(trouble, change, once).breaker.kind;
    expect(ends(null)).toBe("closed");
    expect(ends({ kind: "unclear", blames: "call", retryAfterSeconds: null, ...told })).toBe("closed");
    expect(ends({ kind: "throttled", ...told })).toBe("closed");
    expect(ends({ kind: "refused", ...told }, { ...of("other"), asker: "caller" })).toBe("closed");
    // 429 says nothing of Shopify's health.
    expect(ends({ kind: "rate_limited", retryAfterSeconds: null, ...told })).toBe("half_open");
  });

  it("are told, each change once, with what follows for outages", () => {
    const before = { ...newMemory(NOW_MS), breaker: probing(open, NOW_MS) };
    const closed = reply(null, {}, reply(null, {}, { ...before, outage: { sinceMs: NOW_MS - 60_000, endedMs: null } }));
    expect(closed.breakerNews).toEqual([
      { from: "half_open", to: "closed", reason: "HTTP_503", openedAtMs: NOW_MS - 60_000, atMs: NOW_MS },
    ]);
    expect(closed.outage).toEqual({ sinceMs: null, endedMs: NOW_MS });
    expect(reply(null, {}, closed).breakerNews).toBe(closed.breakerNews);
  });

  it("a refused read stops reads, and never pushes", () => {
    const memory = reply({ kind: "refused", ...told }, of("read"));
    expect(memory).toMatchObject({ breaker: { kind: "closed" }, readBreaker: { kind: "open", reason: "CODE" } });
    expect(reply(null, {}, memory).readBreaker.kind).toBe("open");
    expect(reply(null, of("read"), memory).readBreaker.kind).toBe("closed");
  });

  it("end when an operator says so", () => {
    const stuck = { ...newMemory(NOW_MS), breaker: open, readBreaker: open, tokenBreaker: open, unauthorized: 4 };
    const budget = { ...stuck.budget, blockedUntilMs: NOW_MS + 9_000 };
    const half = { kind: "half_open", succeeded: 0, openings: 0, ...opened, sinceMs: NOW_MS };
    expect(resumed({ ...stuck, budget }, NOW_MS)).toMatchObject({
      ...newMemory(NOW_MS),
      breaker: half,
      ...{ breakerNews: [{ from: "open", to: "half_open" }], outage: { sinceMs: NOW_MS - 60_000 } },
    });
    const stopped = withBreaker(stuck, isolated(closedBreaker, "admin", "their deploy", NOW_MS), NOW_MS);
    expect(resumed(stopped, NOW_MS).breaker).toBe(stopped.breaker);
  });
});

describe("401", () => {
  const unauthorized: Trouble = { kind: "unauthorized", ...told };
  it("pauses nothing the first time: a new token may help", () => {
    expect(reply(unauthorized)).toMatchObject({ unauthorized: 1, breaker: { kind: "closed" } });
  });
  it("pauses the second time in a row", () => {
    expect(reply(unauthorized, {}, reply(unauthorized)).breaker).toMatchObject({
      kind: "open",
      reason: "unauthorized",
    });
  });
  it("says nothing when it is of a token that was replaced meanwhile", () => {
    const stale = reply(unauthorized, { isTokenCurrent: false }, reply(unauthorized));
    expect(stale).toMatchObject({ unauthorized: 1, breaker: { kind: "closed" } });
  });
  it("starts counting anew after an answer", () => {
    expect(reply(unauthorized, {}, reply(null, {}, reply(unauthorized)))).toMatchObject({ unauthorized: 1 });
  });
  it("pauses at once when the token is a fixed one", () => {
    expect(reply(unauthorized, { isTokenFixed: true }).breaker).toMatchObject({ kind: "open", reason: "unauthorized" });
  });
});

describe("a token that is not granted", () => {
  const refuse = (isFinal: boolean, memory: GateMemory): GateMemory =>
    afterTokenRefusal(memory, { isFinal, code: "HTTP_400", retryAfterSeconds: null }, NOW_MS, none);
  it("pauses the asking for long when it is refused for good", () => {
    expect(refuse(true, newMemory(NOW_MS)).tokenBreaker).toMatchObject({
      kind: "open",
      reason: "token_HTTP_400",
      untilMs: NOW_MS + 60_000,
    });
  });
  it("is asked for again when it was only lost", () => {
    expect(refuse(false, newMemory(NOW_MS)).tokenBreaker).toMatchObject({ kind: "closed", failuresInRow: 1 });
  });
});

it("revives what an older version stored, with first values for what it did not know", () => {
  const { tokenBreaker: _, ...older } = { ...newMemory(NOW_MS), mutationCost: 21, counts: { mutations: 7 } };
  const revived = revivedMemory(JSON.parse(JSON.stringify(older)) as Partial<GateMemory>, NOW_MS);
  expect(revived).toEqual({
    ...newMemory(NOW_MS),
    mutationCost: 21,
    counts: { ...newMemory(NOW_MS).counts, mutations: 7 },
  });
});
