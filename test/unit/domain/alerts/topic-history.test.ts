import { describe, expect, it } from "vitest";
import { silenceOf, type TopicHistory, withArrival } from "../../../../src/domain/alerts/topic-history.ts";

const WINDOW_MS = 600_000;

/** Webhooks at these windows, in the middle of each. */
function historyOf(windows: readonly number[]): TopicHistory {
  let history: TopicHistory | undefined;
  for (const window of windows) history = withArrival(history, "orders/create", (window + 0.5) * WINDOW_MS, WINDOW_MS);
  if (history === undefined) throw new Error("name a window");
  return history;
}
const silentFor = (history: TopicHistory, windows: number): number =>
  silenceOf(history, WINDOW_MS, history.lastMs + windows * WINDOW_MS);
const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => 1_000 + i);

describe("a topic's silence", () => {
  it("is measured in its usual pauses once it usually comes", () => {
    expect(silentFor(historyOf(upTo(30)), 3)).toBe(3);
  });

  it("is longer before it counts where its pauses are longer", () => {
    const lively = upTo(24).filter((window) => window % 6 !== 0); // a pause of two windows each hour
    expect(silentFor(historyOf(lively), 3)).toBe(1.5);
  });

  it("is none of a topic that comes rarely, however long it lasts", () => {
    const rare = Array.from({ length: 30 }, (_, i) => 1_000 + 3 * i);
    expect(silentFor(historyOf(rare), 1_000)).toBe(0);
    expect(silentFor(historyOf(upTo(17)), 1_000)).toBe(0);
  });

  it("does not make a usual topic a rare one", () => {
    expect(silentFor(historyOf(upTo(24)), 500)).toBe(500);
  });

  it("is over with the first webhook, after which it must become usual again", () => {
    const resumed = withArrival(historyOf(upTo(24)), "orders/create", 1_100.5 * WINDOW_MS, WINDOW_MS);
    expect(silentFor(resumed, 50)).toBe(0);
  });

  it("is not changed by hearing of the same webhook again, or of an older one", () => {
    const history = historyOf(upTo(24));
    expect(withArrival(history, "orders/create", history.lastMs, WINDOW_MS)).toBe(history);
    expect(withArrival(history, "orders/create", history.lastMs - 1, WINDOW_MS)).toBe(history);
  });
});
