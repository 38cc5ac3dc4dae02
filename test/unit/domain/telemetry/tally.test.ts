import { describe, expect, it } from "vitest";
import { newTally } from "../../../../src/domain/telemetry/tally.ts";

const ALL = 1_000;

describe("a tally", () => {
  it("adds up what has the same labels, in whatever order they are given", () => {
    const tally = newTally();
    tally.count("onhand_message_retried_total", { queue: "q", code: "c" });
    tally.count("onhand_message_retried_total", { code: "c", queue: "q" }, 4);
    tally.count("onhand_message_retried_total", { queue: "q", code: "d" });
    expect(tally.take(ALL).counters).toEqual([
      { name: "onhand_message_retried_total", labels: { queue: "q", code: "c" }, by: 5 },
      { name: "onhand_message_retried_total", labels: { queue: "q", code: "d" }, by: 1 },
    ]);
    expect(tally.isEmpty).toBe(true);
  });

  it("counts an observation in the first bucket that holds it, above all bounds in the last, below zero as zero", () => {
    const tally = newTally();
    for (const rows of [-3, 1, 2, 250, 251]) tally.observe("onhand_gate_call_rows", { shop: "s" }, rows);
    const [histogram] = tally.take(ALL).histograms;
    expect(histogram?.buckets).toEqual([1, 2, 5, 10, 25, 50, 100, 250]);
    expect(histogram?.counts).toEqual([2, 1, 0, 0, 0, 0, 0, 1, 1]);
    expect(histogram?.sum).toBe(504);
  });

  it("hands out so many series at most, and keeps the others for the next time", () => {
    const tally = newTally();
    tally.observe("onhand_gate_call_rows", { shop: "s" }, 1);
    for (const reason of ["a", "b", "c"]) tally.count("onhand_webhook_refused_total", { reason });
    const first = tally.take(2);
    expect([first.histograms.length, first.counters.map(({ labels }) => labels["reason"])]).toEqual([1, ["a"]]);
    tally.count("onhand_webhook_refused_total", { reason: "b" });
    expect(tally.take(2).counters.map(({ labels, by }) => [labels["reason"], by])).toEqual([
      ["b", 2],
      ["c", 1],
    ]);
  });
});
