import { describe, expect, it } from "vitest";
import {
  NO_WATCH,
  nextCrossingMs,
  type WatchState,
  watchStock,
  withDefaultThresholds,
  withThresholds,
} from "../../../../src/domain/counter/stock-watch.ts";
import type { StockThresholds } from "../../../../src/domain/counter/thresholds.ts";
import { fromStore } from "../../../../src/domain/ids.ts";
import type { LocationView } from "../../../../src/domain/levels-view.ts";

const WINDOWS = { crossingMs: 1_000 };
const IN_ALL: StockThresholds = { inAll: { lowAt: 5, backAt: 3, hysteresis: 2 } };

const at = (locationId: string, available: number, { anticipated = 0, doubt = 0 } = {}): LocationView => ({
  ...{ locationId: fromStore(locationId), available, floor: available, reserved: 0, committed: 0, damaged: 0 },
  ...{ safetyStock: 0, onHand: available, ledger: available + anticipated + doubt, doubt, anticipated },
});

/** One look after the other; what was told, in words. */
class Watched {
  state: WatchState;
  nowMs = 0;
  readonly told: string[] = [];

  constructor(own: StockThresholds = {}, defaults: StockThresholds = {}) {
    this.state = withDefaultThresholds(withThresholds(NO_WATCH, own), defaults, 1);
  }

  look(...levels: readonly LocationView[]): this {
    const { watch, news } = watchStock(this.state, levels, WINDOWS, this.nowMs);
    this.state = watch;
    for (const { state, locationId, available } of news) this.told.push(`${locationId ?? "all"} ${state} ${available}`);
    return this;
  }
}

describe("a watched SKU", () => {
  it("tells once per crossing: low, out, and back at backAt only", () => {
    const watched = new Watched(IN_ALL);
    for (const available of [9, 5, 4, 0, -2, 2, 3, 8]) watched.look(at("1", available));
    expect(watched.told).toEqual(["all low 5", "all out 0", "all back 3"]);
  });

  it("does not flap: what swings by less than the hysteresis is told once", () => {
    const watched = new Watched(IN_ALL);
    for (const available of [9, 5, 6, 5, 7, 5, 6, 4]) watched.look(at("1", available));
    expect(watched.told).toEqual(["all low 5"]);
    for (const available of [8, 5]) watched.look(at("1", available));
    expect(watched.told).toEqual(["all low 5", "all low 5"]);
  });

  it("waits until an announced order has been settled, and tells nothing if it took nothing", () => {
    const watched = new Watched({ locations: { "1": { lowAt: null, backAt: 1, hysteresis: 0 } } });
    watched.look(at("1", 2), at("2", 20));
    watched.look(at("1", 0, { anticipated: 2 }), at("2", 20));
    expect(nextCrossingMs(watched.state, WINDOWS)).toBe(1_000);
    watched.nowMs = 900;
    watched.look(at("1", 2), at("2", 18));
    watched.nowMs = 5_000;
    watched.look(at("1", 2), at("2", 18));
    expect(watched.told).toEqual([]);
    expect(nextCrossingMs(watched.state, WINDOWS)).toBe(Number.POSITIVE_INFINITY);
  });

  it("tells what is not certain when it has held long enough", () => {
    const watched = new Watched(IN_ALL).look(at("1", 9)).look(at("1", 5, { doubt: 3 }));
    expect(watched.told).toEqual([]);
    watched.nowMs = 1_000;
    expect(watched.look(at("1", 5, { doubt: 3 })).told).toEqual(["all low 5"]);
  });

  it("watches each location by the default, and one by its own word", () => {
    const each = { lowAt: 2, backAt: 1, hysteresis: 0 };
    const watched = new Watched({ locations: { "2": null } }, { inAll: null, eachLocation: each });
    watched.look(at("1", 9), at("2", 9)).look(at("1", 2), at("2", 0));
    expect(watched.told).toEqual(["1 low 2"]);
  });
});

describe("what was so before", () => {
  it("is no news of a new counter, by what holds for all SKUs; that it is back is", () => {
    const watched = new Watched().look(at("1", 0));
    expect(watched.told).toEqual([]);
    expect(watched.look(at("1", 4)).told).toEqual(["all back 4"]);
  });

  it("is told once to whoever sets thresholds of the SKU itself, if nobody was told", () => {
    const watched = new Watched().look(at("1", 4));
    watched.state = withThresholds(watched.state, IN_ALL);
    watched.look(at("1", 4)).look(at("1", 4));
    expect(watched.told).toEqual(["all low 4"]);
    watched.state = withThresholds(watched.state, { inAll: { lowAt: 6, backAt: 1, hysteresis: 0 } });
    expect(watched.look(at("1", 4)).told).toEqual(["all low 4"]);
  });

  it("is not told while nothing is stocked anywhere", () => {
    expect(new Watched(IN_ALL).look().told).toEqual([]);
  });
});

it("a default that comes late does not undo a newer one", () => {
  const newer = withDefaultThresholds(NO_WATCH, IN_ALL, 5);
  expect(withDefaultThresholds(newer, null, 4)).toBe(newer);
});
