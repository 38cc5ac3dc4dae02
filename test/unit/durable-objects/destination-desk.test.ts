import { describe, expect, it } from "vitest";
import { DESTINATION_SCHEMA, DestinationDesk } from "../../../durable-objects/destination-desk.ts";
import type { Admission, CallReport } from "../../../src/domain/breaker/destination.ts";
import type { BreakerChange } from "../../../src/domain/breaker/news.ts";
import { SqliteObjectStorage } from "../../support/sqlite/object-storage.ts";

const START_MS = 1_800_000_000_000;
const failed: CallReport = { kind: "failed", reason: "HTTP_500", retryAfterSeconds: null };

class World {
  nowMs = START_MS;
  queueIsAway = false;
  readonly storage = new SqliteObjectStorage(DESTINATION_SCHEMA);
  readonly sent: string[] = [];
  readonly changed: string[] = [];
  desk = this.#begin();

  restart(): void {
    this.desk = this.#begin();
  }

  async call(report: CallReport): Promise<Admission["kind"]> {
    const admission = this.desk.admit();
    this.nowMs += 10;
    if (admission.kind === "go") this.desk.report(admission.permit, report);
    await this.settle();
    return admission.kind;
  }

  settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  #begin(): DestinationDesk {
    return new DestinationDesk({
      destination: "webhook/hooks.example.com",
      storage: this.storage,
      send: async (changes) => {
        if (this.queueIsAway) throw new Error("Too Many Requests");
        this.sent.push(...changes.map(told));
      },
      onChange: (change) => void this.changed.push(told(change)),
      log: () => undefined,
      now: () => this.nowMs,
      random: () => 0,
    });
  }
}

const told = ({ from, to }: BreakerChange): string => `${from} ${to}`;

describe("the object of a destination", () => {
  it("stops calls after three failures in a row, and lets them through again after two probes", async () => {
    const world = new World();
    for (let i = 0; i < 3; i += 1) await world.call(failed);
    expect(await world.call(failed)).toBe("wait");
    world.nowMs += 1_000;
    expect([await world.call({ kind: "answered" }), await world.call({ kind: "answered" })]).toEqual(["go", "go"]);
    expect(world.desk.status()).toMatchObject({ state: "closed", calls: 0 });
    expect(world.sent).toEqual(["closed open", "open half_open", "half_open closed"]);
    expect(world.changed).toEqual(world.sent);
  });

  it("goes on after its end where it stood", async () => {
    const world = new World();
    for (let i = 0; i < 3; i += 1) await world.call(failed);
    world.restart();
    expect(await world.call(failed)).toBe("wait");
  });

  it("stays isolated through every end, until somebody releases it", async () => {
    const world = new World();
    world.desk.isolate("admin", "their deploy");
    world.restart();
    world.nowMs += 7 * 86_400_000;
    expect(world.desk.admit()).toEqual({ kind: "isolated", reason: "their deploy" });
    expect(world.desk.status()).toMatchObject({ state: "isolated", by: "admin", sinceMs: START_MS });
    world.desk.release();
    expect(await world.call({ kind: "answered" })).toBe("go");
  });

  it("is tried at once when an operator ends its pause", async () => {
    const world = new World();
    for (let i = 0; i < 3; i += 1) await world.call(failed);
    world.desk.release();
    expect(await world.call({ kind: "answered" })).toBe("go");
  });

  it("tells a change that the queue refused by its alarm, and once it was told, no more", async () => {
    const world = new World();
    world.queueIsAway = true;
    world.desk.isolate("admin", "their deploy");
    await world.settle();
    expect([world.sent, world.storage.alarmAtMs]).toEqual([[], START_MS + 1_000]);
    world.queueIsAway = false;
    world.nowMs += 1_000;
    world.desk.look();
    await world.settle();
    world.desk.look();
    await world.settle();
    expect(world.sent).toEqual(["closed isolated"]);
  });

  it("tells in its next life what its end cut off", async () => {
    const world = new World();
    world.queueIsAway = true;
    world.desk.isolate("admin", "their deploy");
    world.queueIsAway = false;
    world.restart();
    world.nowMs += 15_000;
    world.desk.look();
    await world.settle();
    expect(world.sent).toEqual(["closed isolated"]);
  });
});
