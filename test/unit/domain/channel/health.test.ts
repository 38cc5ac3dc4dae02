import { describe, expect, it } from "vitest";
import { type ChannelSigns, healthOf } from "../../../../src/domain/channel/health.ts";

const WELL: ChannelSigns = {
  channel: { state: "active", readOnly: false, direction: "both" },
  ...{ stateReason: null, breaker: "closed", breakerReason: null, received: 3, refused: 0, waitingLetters: 0 },
  ...{ missing: [], gate: null },
};
const of = (signs: Partial<ChannelSigns>) => healthOf({ ...WELL, ...signs });

describe("how a channel is", () => {
  it.each([
    [{}, "healthy", []],
    [{ breaker: "open", breakerReason: "HTTP_503" }, "failing", ["breaker open: HTTP_503"]],
    [{ breaker: "isolated" }, "failing", ["breaker isolated"]],
    [{ missing: ["client_id"] }, "failing", ["credential missing: client_id"]],
    [{ breaker: "half_open" }, "degraded", ["breaker half open: it is being tried"]],
    [{ waitingLetters: 2 }, "degraded", ["2 dead letters wait"]],
    [{ refused: 4 }, "degraded", ["4 refused within a day"]],
    [{ gate: { pausedReason: "token_refused", expired: 0 } }, "failing", ["gate paused: token_refused"]],
    [
      { missing: ["access_token"], gate: { pausedReason: "token_no_access_token", expired: 0 } },
      "failing",
      ["credential missing: access_token"],
    ],
    [{ gate: { pausedReason: "throttled", expired: 0 } }, "healthy", []],
    [{ gate: { pausedReason: "read_only", expired: 0 } }, "healthy", []],
    [
      { gate: { pausedReason: null, expired: 2 } },
      "degraded",
      ["2 pushes of unknown outcome wait for an operator (gate held)"],
    ],
    [{ received: 0 }, "idle", ["nothing was received within a day"]],
  ] as const)("%j is %s", (signs, verdict, reasons) => {
    expect(of(signs as Partial<ChannelSigns>)).toEqual({ verdict, reasons: [...reasons] });
  });

  it("is paused before everything else, with the reason", () => {
    const paused = { ...WELL.channel, state: "paused" } as const;
    expect(of({ channel: paused, stateReason: "410", breaker: "open" })).toEqual({
      verdict: "paused",
      reasons: ["410"],
    });
  });

  it("says that nothing goes out when it is read-only, and expects nothing of one that is only told", () => {
    const readOnly = { ...WELL.channel, readOnly: true };
    expect(of({ channel: readOnly })).toEqual({ verdict: "degraded", reasons: ["read-only: nothing goes out"] });
    expect(of({ channel: { ...WELL.channel, direction: "out" }, received: 0 }).verdict).toBe("healthy");
  });

  it("names every reason, the worst first", () => {
    expect(of({ breaker: "open", waitingLetters: 1 })).toEqual({
      ...{ verdict: "failing", reasons: ["breaker open", "1 dead letters wait"] },
    });
  });
});
