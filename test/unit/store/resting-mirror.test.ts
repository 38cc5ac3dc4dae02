import { describe, expect, it } from "vitest";
import { REDIS_BREAKER } from "../../../src/domain/breaker/policies.ts";
import type { Mirror } from "../../../src/services/mirror.ts";
import { restingMirror } from "../../../src/store/resting-mirror.ts";

const REST_MS = 5_000;

function world() {
  const calls: string[] = [];
  const state = { nowMs: 1_000, isUp: false, hangs: false };
  const inner: Mirror = {
    write: async () => {
      calls.push("write");
      return state.isUp ? { kind: "written", written: 1, stale: 0 } : { kind: "unavailable", reason: "timeout" };
    },
    read: async () => {
      calls.push("read");
      if (state.hangs) return new Promise(() => undefined);
      return state.isUp ? { kind: "read", hits: new Map() } : { kind: "unavailable", reason: "timeout" };
    },
    invalidate: async () => void calls.push("invalidate"),
    ping: async () => "ok",
  };
  const changes: string[] = [];
  const mirror = restingMirror(inner, {
    policy: REDIS_BREAKER,
    onChange: ({ from, to }) => void changes.push(`${from} ${to}`),
    nowMs: () => state.nowMs,
    random: () => 0.99,
  });
  return { calls, changes, state, mirror };
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
    state.nowMs += REST_MS;
    await mirror.read([]);
    await mirror.read([]);
    expect(calls).toHaveLength(4);
  });

  it("probes with one call at a time, lets the others fall through, and is closed after the second answer", async () => {
    const { calls, changes, state, mirror } = world();
    for (let i = 0; i < 3; i += 1) await mirror.read([]);
    expect(mirror.breaker()).toMatchObject({ state: "open", reason: "timeout" });
    state.nowMs += REST_MS;
    state.isUp = true;
    const both = await Promise.all([mirror.read([]), mirror.read([])]);
    expect(both.map(({ kind }) => kind)).toEqual(["read", "unavailable"]);
    expect(mirror.breaker().state).toBe("half_open");
    await mirror.write([]);
    expect([mirror.breaker().state, calls.length]).toEqual(["closed", 5]);
    expect(changes).toEqual(["closed open", "open half_open", "half_open closed"]);
  });

  it("tries the next one when a probe's request was cut off and never came back", async () => {
    const { calls, state, mirror } = world();
    for (let i = 0; i < 3; i += 1) await mirror.read([]);
    state.nowMs += REST_MS;
    state.hangs = true;
    void mirror.read([]);
    state.nowMs += REDIS_BREAKER.probeMsMax - 1;
    expect(await mirror.write([])).toMatchObject({ reason: "resting" });
    state.nowMs += 1;
    [state.hangs, state.isUp] = [false, true];
    expect(await mirror.write([])).toMatchObject({ kind: "written" });
    expect(calls).toHaveLength(5);
  });

  it("rests when half of many calls fail, though never three in a row", async () => {
    const { state, mirror } = world();
    for (let i = 0; i < 30 && mirror.breaker().state === "closed"; i += 1) {
      state.isUp = i % 2 === 0;
      await mirror.read([]);
      state.nowMs += 500;
    }
    expect(mirror.breaker()).toMatchObject({ state: "open" });
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
