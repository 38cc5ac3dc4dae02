import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ShopGateClock } from "../../../durable-objects/shop-gate-clock.ts";

const START_MS = 1_800_000_000_000;
let alarms: number[];
let wakes: number[];
let clock: ShopGateClock;

beforeEach(() => {
  vi.useFakeTimers({ now: START_MS });
  alarms = [];
  wakes = [];
  const storage = {
    setAlarm: async (atMs: number) => {
      alarms.push(atMs - START_MS);
    },
  };
  clock = new ShopGateClock(storage, () => wakes.push(Date.now() - START_MS));
});
afterEach(() => {
  vi.useRealTimers();
});

const schedule = (wakeInMs: number | null, isBusy = false): void =>
  clock.schedule(wakeInMs === null ? null : Date.now() + wakeInMs, isBusy, Date.now());

describe("short waits", () => {
  it("are timers, to the millisecond, with an alarm behind them in case this life ends", () => {
    schedule(130);
    vi.advanceTimersByTime(129);
    expect(wakes).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(wakes).toEqual([130]);
    expect(alarms).toEqual([15_000]);
  });

  it("replace one another", () => {
    schedule(130);
    schedule(4_000);
    vi.advanceTimersByTime(5_000);
    expect(wakes).toEqual([4_000]);
  });

  it("that are past wake at once", () => {
    schedule(-10);
    vi.advanceTimersByTime(0);
    expect(wakes).toEqual([0]);
  });
});

describe("long waits", () => {
  it("are alarms alone: the object may hibernate", () => {
    schedule(5_001);
    expect(alarms).toEqual([5_001]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("keep the alarm that rings earlier, and set one that must ring earlier", () => {
    schedule(60_000);
    schedule(90_000);
    expect(alarms).toEqual([60_000]);
    schedule(30_000);
    expect(alarms).toEqual([60_000, 30_000]);
  });
});

describe("work under way", () => {
  it("sets an alarm for the next life, once for all of a burst", () => {
    schedule(null, true);
    for (let n = 0; n < 100; n += 1) {
      vi.advanceTimersByTime(100);
      schedule(50, true);
    }
    expect(alarms).toEqual([15_000]);
  });

  it("sets the next one when it has rung", () => {
    schedule(null, true);
    vi.advanceTimersByTime(15_000);
    clock.rang();
    schedule(null, true);
    expect(alarms).toEqual([15_000, 30_000]);
  });

  it("does not count on an alarm that is past", () => {
    schedule(null, true);
    vi.advanceTimersByTime(15_001);
    schedule(null, true);
    expect(alarms).toEqual([15_000, 30_001]);
  });
});

it("sets nothing when nothing waits", () => {
  schedule(null);
  expect([alarms, vi.getTimerCount()]).toEqual([[], 0]);
});
