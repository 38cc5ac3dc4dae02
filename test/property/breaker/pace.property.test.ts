/** How often a destination is called: no more than its pace allows, whoever asks; what is urgent waits for nobody. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { admit, type DestinationState, newDestination } from "../../../src/domain/breaker/destination.ts";
import { DESTINATION_BREAKER as POLICY } from "../../../src/domain/breaker/policies.ts";

describe("the pace of a destination", () => {
  it("lets a second's calls go at once and then as many a second, says when the next may go, and keeps its word", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), fc.array(fc.nat(400), { maxLength: 100 }), (perSecond, pauses) => {
        let state: DestinationState = newDestination;
        let nowMs = 1_000;
        let gone = 0;
        const ask = (atMs: number) => admit(state, POLICY, atMs, { callsPerSecond: perSecond, urgent: false });
        for (const pauseMs of pauses) {
          nowMs += pauseMs;
          const { state: next, admission } = ask(nowMs);
          state = next;
          if (admission.kind === "go") gone += 1;
          else expect(ask(admission.kind === "wait" ? admission.untilMs : 0).admission.kind).toBe("go");
        }
        expect(gone).toBeLessThanOrEqual(perSecond + ((nowMs - 1_000) * perSecond) / 1_000 + 1e-6);
      }),
    );
  });

  it("holds back nothing urgent, and makes the others wait for it for two seconds at most", () => {
    let state: DestinationState = newDestination;
    const ask = (urgent: boolean, atMs: number) => admit(state, POLICY, atMs, { callsPerSecond: 5, urgent });
    for (let call = 0; call < 100; call += 1) {
      const { state: next, admission } = ask(true, 0);
      expect(admission.kind).toBe("go");
      state = next;
    }
    expect(ask(false, 0).admission).toEqual({ kind: "wait", untilMs: 1_200, reason: "pace" });
    expect(ask(false, 1_200).admission.kind).toBe("go");
  });
});
