import { describe, expect, it } from "vitest";
import { isolated, released } from "../../../../src/domain/breaker/breaker.ts";
import {
  admit,
  type CallReport,
  type DestinationState,
  newDestination,
  reported,
  revivedDestination,
  withBreaker,
} from "../../../../src/domain/breaker/destination.ts";
import { DESTINATION_BREAKER as POLICY } from "../../../../src/domain/breaker/policies.ts";

const NOW_MS = 1_800_000_000_000;
const failed: CallReport = { kind: "failed", reason: "HTTP_500", retryAfterSeconds: null };
const answered: CallReport = { kind: "answered" };
const report = (state: DestinationState, startedMs: number, what: CallReport, nowMs: number): DestinationState =>
  reported(state, { startedMs }, what, POLICY, nowMs, () => 0);
const down = [1, 2, 3].reduce((state, i) => report(state, NOW_MS + i, failed, NOW_MS + i), newDestination);
const PROBE_MS = NOW_MS + 3 + 1_000;

describe("a destination that many call", () => {
  it("lets all of them go while it is well", () => {
    const first = admit(newDestination, POLICY, NOW_MS);
    expect(first).toEqual({ state: newDestination, admission: { kind: "go", permit: { startedMs: NOW_MS } } });
  });

  it("tells everybody until when to wait", () => {
    expect(admit(down, POLICY, NOW_MS + 10).admission).toEqual({ kind: "wait", untilMs: PROBE_MS, reason: "HTTP_500" });
  });

  it("lets one probe go at a time; the next when it has reported; two close it", () => {
    const one = admit(down, POLICY, PROBE_MS);
    expect(one.admission.kind).toBe("go");
    expect(admit(one.state, POLICY, PROBE_MS + 1).admission).toMatchObject({ kind: "wait" });
    const two = admit(report(one.state, PROBE_MS, answered, PROBE_MS + 5), POLICY, PROBE_MS + 6);
    expect(two.admission.kind).toBe("go");
    const well = report(two.state, PROBE_MS + 6, answered, PROBE_MS + 9);
    expect(well).toMatchObject({ breaker: { kind: "closed" }, probeUntilMs: null });
    expect(well.news.map(({ from, to }) => `${from} ${to}`)).toEqual([
      ...["closed open", "open half_open", "half_open closed"],
    ]);
  });

  it("gives the probe of a caller that died to the next one", () => {
    const { state } = admit(down, POLICY, PROBE_MS);
    expect(admit(state, POLICY, PROBE_MS + POLICY.probeMsMax - 1).admission.kind).toBe("wait");
    expect(admit(state, POLICY, PROBE_MS + POLICY.probeMsMax).admission.kind).toBe("go");
  });

  it("keeps the probe's place when a call from before the outage reports", () => {
    const { state } = admit(down, POLICY, PROBE_MS);
    expect(report(state, NOW_MS, failed, PROBE_MS + 1)).toEqual(state);
  });

  it("says so when an operator has isolated it, and probes after the release", () => {
    const stopped = withBreaker(
      newDestination,
      isolated(newDestination.breaker, "admin", "their deploy", NOW_MS),
      NOW_MS,
    );
    expect(admit(stopped, POLICY, NOW_MS + 1e9).admission).toEqual({ kind: "isolated", reason: "their deploy" });
    const freed = withBreaker(stopped, released(stopped.breaker, NOW_MS + 5), NOW_MS + 5);
    expect(admit(freed, POLICY, NOW_MS + 6).admission.kind).toBe("go");
  });

  it("is, after its object's end, what it was", () => {
    expect(revivedDestination(JSON.parse(JSON.stringify(down)), NOW_MS + 10)).toEqual(down);
    expect(revivedDestination(null, NOW_MS)).toEqual(newDestination);
  });
});
