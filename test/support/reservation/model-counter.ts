/**
 * A counter as a reservation needs it, in the fewest lines: stock per location, holds by the name of their attempt, expiry
 * first thing. What the real one must do beyond this is tested with it (test/worker/reservations.test.ts).
 */
import { fromStore, type LocationId } from "../../../src/domain/ids.ts";
import type { HeldUnits } from "../../../src/domain/reservation/reservation.ts";
import type { Task, TaskAnswer } from "../../../src/domain/reservation/task.ts";

type ModelHold = {
  readonly holds: readonly HeldUnits[];
  expiresAtMs: number;
  state: "open" | "committed" | "released" | "expired";
  /** Units sold of it; how often it was sold must never exceed once. */
  sold: number;
  commits: number;
};

export class ModelCounter {
  readonly stock: Map<LocationId, number>;
  readonly attempts = new Map<string, ModelHold>();
  /** Sold after the hold had expired, because it was decided before. */
  forced = 0;

  constructor(stock: Readonly<Record<string, number>>) {
    this.stock = new Map(Object.entries(stock).map(([place, units]) => [fromStore<LocationId>(place), units]));
  }

  copy(): ModelCounter {
    const copy = new ModelCounter(Object.fromEntries(this.stock));
    for (const [holdKey, attempt] of this.attempts) copy.attempts.set(holdKey, { ...attempt });
    return copy;
  }

  get available(): number {
    return sum(this.stock.values());
  }

  get held(): number {
    return sum(this.#inState("open").flatMap(({ holds }) => holds.map(({ quantity }) => quantity)));
  }

  get sold(): number {
    return sum(Array.from(this.attempts.values(), ({ sold }) => sold));
  }

  /** A sale of another channel, guarded. */
  sell(units: number, nowMs: number): number {
    this.expire(nowMs);
    for (const [place, there] of this.stock) {
      if (there < units) continue;
      this.stock.set(place, there - units);
      return units;
    }
    return 0;
  }

  expire(nowMs: number): void {
    for (const attempt of this.#inState("open")) {
      if (attempt.expiresAtMs > nowMs) continue;
      this.#giveBack(attempt.holds);
      attempt.state = "expired";
    }
  }

  answer(task: Task, nowMs: number): TaskAnswer {
    this.expire(nowMs);
    switch (task.kind) {
      case "hold":
        return this.#hold(task, nowMs);
      case "extend": {
        const known = this.attempts.get(task.holdKey);
        if (known?.state !== "open") return { kind: "gone" };
        known.expiresAtMs = Math.max(known.expiresAtMs, task.expiresAtMs);
        return { kind: "done" };
      }
      case "release":
        return this.#release(task.holdKey);
      case "release_stray":
        return this.#release(task.stray.holdKey);
      case "commit":
        return this.#commit(task);
    }
  }

  #hold(task: Task & { kind: "hold" }, nowMs: number): TaskAnswer {
    const known = this.attempts.get(task.holdKey);
    if (known !== undefined) return known.state === "open" ? { kind: "held", held: known.holds } : { kind: "gone" };
    if (task.expiresAtMs <= nowMs) return { kind: "gone" };
    const left = new Map(this.stock);
    const holds: HeldUnits[] = [];
    for (const { locationId, quantity } of task.parts) {
      const place = [...left].find(([id, units]) => (locationId ?? id) === id && units >= quantity)?.[0];
      if (place === undefined) return this.#refusal(task);
      left.set(place, (left.get(place) ?? 0) - quantity);
      holds.push({ locationId: place, quantity });
    }
    for (const [place, units] of left) this.stock.set(place, units);
    this.attempts.set(task.holdKey, { holds, expiresAtMs: task.expiresAtMs, state: "open", sold: 0, commits: 0 });
    return { kind: "held", held: holds };
  }

  #refusal({ parts }: Task & { kind: "hold" }): TaskAnswer {
    const short = parts.map(({ line, each, quantity }) => ({
      line,
      each,
      wanted: quantity,
      left: Math.max(0, this.available),
    }));
    const locations = Array.from(this.stock, ([locationId, left]) => ({ locationId, left }));
    return { kind: "refused", refusal: { kind: "insufficient", short, isPending: false, locations } };
  }

  #release(holdKey: string): TaskAnswer {
    const known = this.attempts.get(holdKey);
    if (known === undefined) return { kind: "gone" };
    if (known.state === "committed") throw new Error("a committed hold was released");
    if (known.state === "open") {
      this.#giveBack(known.holds);
      known.state = "released";
    }
    return { kind: "done" };
  }

  #commit(task: Task & { kind: "commit" }): TaskAnswer {
    const known = this.attempts.get(task.holdKey);
    if (known === undefined) throw new Error("what was never held was committed");
    if (known.state === "committed") return { kind: "done" };
    if (known.state === "released") throw new Error("a released hold was committed");
    if (known.state === "expired") {
      if (task.decidedAtMs >= known.expiresAtMs) throw new Error("decided after its expiry");
      this.#giveBack(known.holds, -1);
      this.forced += 1;
    }
    known.state = "committed";
    known.commits += 1;
    const left = known.holds.map((hold) => ({ ...hold }));
    for (const { locationId, quantity } of task.units.toSorted(
      (a, b) => Number(a.locationId === null) - Number(b.locationId === null),
    )) {
      let wanted = quantity;
      for (const hold of left) {
        if (locationId !== null && hold.locationId !== locationId) continue;
        const taken = Math.min(wanted, hold.quantity);
        hold.quantity -= taken;
        wanted -= taken;
      }
      if (wanted > 0) throw new Error("more was committed than is held");
      known.sold += quantity;
    }
    this.#giveBack(left);
    return { kind: "done" };
  }

  #giveBack(holds: readonly HeldUnits[], sign = 1): void {
    for (const { locationId, quantity } of holds)
      this.stock.set(locationId, (this.stock.get(locationId) ?? 0) + sign * quantity);
  }

  #inState(state: ModelHold["state"]): readonly ModelHold[] {
    return [...this.attempts.values()].filter((attempt) => attempt.state === state);
  }
}

const sum = (numbers: Iterable<number>): number => Array.from(numbers).reduce((total, n) => total + n, 0);
