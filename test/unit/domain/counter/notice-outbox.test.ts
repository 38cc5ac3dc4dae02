import { expect, it } from "vitest";
import type { StockNews } from "../../../../src/domain/counter/counter-news.ts";
import { decideNotices, noticeTaken, type PendingNotices } from "../../../../src/domain/counter/notice-outbox.ts";
import { type CorrelationId, fromStore } from "../../../../src/domain/ids.ts";

const POLICY = { signalRetryMs: 100, signalRetryMsMax: 150 };
const CAUSE = fromStore<CorrelationId>("c");
const low = (number: number): StockNews => ({
  ...{ kind: "stock", number, state: "low", locationId: null, available: 3, lowAt: 5, atMs: 0 },
});
const decide = (notices: PendingNotices, news: readonly StockNews[], nowMs: number) =>
  decideNotices(notices, { skuId: fromStore("s"), news }, CAUSE, POLICY, nowMs);

it("sends news at once, again while nobody took it with growing pauses, and never after", () => {
  const first = decide(new Map(), [low(1)], 0);
  expect(first.due).toEqual(["stock/s/1"]);
  expect(decide(first.notices, [], 99)).toEqual({ notices: first.notices, due: [] });
  const again = decide(first.notices, [], 100);
  expect(again.due).toEqual(["stock/s/1"]);
  expect(again.notices.get("stock/s/1")?.againMs).toBe(250);
  const taken = noticeTaken(again.notices, "stock/s/1");
  expect(decide(taken, [], 10_000).due).toEqual([]);
});

it("keeps each piece apart", () => {
  const { notices } = decide(decide(new Map(), [low(1)], 0).notices, [low(2)], 0);
  expect([...noticeTaken(notices, "stock/s/1").keys()]).toEqual(["stock/s/2"]);
});
