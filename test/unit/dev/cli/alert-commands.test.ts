import { describe, expect, it } from "vitest";
import { sayCommand } from "../../../support/cli/say-command.ts";

const ANSWER = {
  ...{ evaluatedAt: "2026-11-28T00:00:00.000Z", stale: false, destinations: ["log", "sentry"] },
  firing: [
    {
      ...{
        alert: "queue_lag",
        subject: "onhand-events",
        severity: "critical",
        value: 40.00049,
        threshold: 30,
        unit: "s",
      },
      ...{ since: "2026-11-27T23:50:00.000Z", known: false },
    },
  ],
  changes: [{ at: "2026-11-27T23:50:00.000Z", change: "fired", severity: "critical", text: "It lags." }],
  thresholds: [
    {
      ...{ name: "queue_lag", threshold: 30, default: 30, unit: "s", forSeconds: 120, override: null },
      reason: "because",
    },
  ],
};
const say = (words: string, flags: Record<string, unknown> = {}, answer: unknown = ANSWER) =>
  sayCommand(words.split(" "), flags, () => answer);

describe("onhand alerts", () => {
  it("shows what fires, what changed, and where it is told", async () => {
    const { calls, text } = await say("alerts");
    expect(calls.map((call) => call.slice(0, 2))).toEqual([["GET", "/v1/alerts"]]);
    expect(text).toContain("40 of 30 s");
    expect(text).toContain("not to be read just now");
    expect(text).toContain("It lags.");
    expect(text).toContain("Told to: log, sentry.");
    expect(text).not.toContain("because");
    expect((await say("alerts", { all: true })).text).toContain("because");
  });

  it("says that nothing fires, and that the evaluation is late", async () => {
    const { text } = await say("alerts", {}, { ...ANSWER, firing: [], changes: [], stale: true });
    expect(text).toMatch(/^Nothing fires\.\n\nEvaluated .*, which is too long ago/);
  });

  it("sets a threshold with its reason, and takes it back", async () => {
    const set = await say("alerts set queue_lag", { threshold: "60", minutes: "5", reason: "flash sale" }, {});
    expect(set.calls).toEqual([
      ["PUT", "/v1/alerts/thresholds/queue_lag", { threshold: 60, forMinutes: 5, reason: "flash sale" }],
    ]);
    const reset = await say("alerts reset queue_lag", {}, {});
    expect(reset.calls.map((call) => call.slice(0, 2))).toEqual([["DELETE", "/v1/alerts/thresholds/queue_lag"]]);
  });

  it("wants the alert, a number and a reason", async () => {
    await expect(say("alerts set queue_lag", { threshold: "60" })).rejects.toThrow("--reason");
    await expect(say("alerts set queue_lag", { threshold: "high", reason: "x" })).rejects.toThrow("no number");
    await expect(say("alerts reset")).rejects.toThrow("Name the alert");
  });
});
