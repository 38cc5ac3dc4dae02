import { describe, expect, it } from "vitest";
import type { Mirror } from "../../../src/services/mirror.ts";
import { restingMirror } from "../../../src/store/resting-mirror.ts";

const POLICY = { faultsMax: 3, restMs: 5_000 };

function world() {
  const calls: string[] = [];
  const state = { nowMs: 1_000, isUp: false };
  const inner: Mirror = {
    write: async () => {
      calls.push("write");
      return state.isUp ? { kind: "written", written: 1, stale: 0 } : { kind: "unavailable", reason: "timeout" };
    },
    read: async () => {
      calls.push("read");
      return state.isUp ? { kind: "read", hits: new Map() } : { kind: "unavailable", reason: "timeout" };
    },
    invalidate: async () => void calls.push("invalidate"),
    ping: async () => "ok",
  };
  return { calls, state, mirror: restingMirror(inner, POLICY, () => state.nowMs) };
}

describe("restingMirror", () => {
  it("leaves Redis alone after three faults in a row, and says so at once", async () => {
    const { calls, mirror } = world();
    await mirror.read([]);
    await mirror.write([]);
    await mirror.read([]);
    expect(await mirror.read([])).toEqual({ kind: "unavailable", reason: "resting" });
    expect(await mirror.write([])).toEqual({ kind: "unavailable", reason: "resting" });
    await mirror.invalidate([]);
    expect(calls).toEqual(["read", "write", "read"]);
  });

  it("tries again when the rest is over, and rests again at the first fault", async () => {
    const { calls, state, mirror } = world();
    for (let i = 0; i < 3; i += 1) await mirror.read([]);
    state.nowMs += POLICY.restMs;
    await mirror.read([]);
    await mirror.read([]);
    expect(calls).toHaveLength(4);
  });

  it("forgets old faults with the first answer", async () => {
    const { calls, state, mirror } = world();
    await mirror.read([]);
    await mirror.read([]);
    state.isUp = true;
    await mirror.read([]);
    state.isUp = false;
    await mirror.read([]);
    await mirror.read([]);
    await mirror.invalidate([]);
    expect(calls).toEqual(["read", "read", "read", "read", "read", "invalidate"]);
  });
});
