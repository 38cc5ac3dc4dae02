/**
 * The counter's outbox for channels, on the shipped SQL: signals get lost, come twice or late, calls are made and their
 * answers lost, lives end; at rest every channel has what the counter says.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CounterDesk } from "../../../durable-objects/counter-desk.ts";
import { SKU_COUNTER_SCHEMA } from "../../../durable-objects/sku-counter-schema.ts";
import { type ChannelId, fromStore, type LocationId, type MovementKey } from "../../../src/domain/ids.ts";
import type { ChannelSignal } from "../../../src/queues/channel-signal.ts";
import type { TakenLevels } from "../../../src/services/counter-contract.ts";
import { counterSettingsOf } from "../../../src/wiring/counter-settings.ts";
import { SqliteObjectStorage } from "../../support/sqlite/object-storage.ts";

const CHANNELS = ["pos", "market"].map((name) => fromStore<ChannelId>(name));
const correlationId = fromStore<never>("c");
const cause = { reason: "r", reference: null, source: "api", actor: "a", correlationId };

type Told = { readonly version: number; readonly units: number; readonly digest: string };

/** One SKU, its channels, and a network between them that does what it likes. */
class World {
  readonly storage = new SqliteObjectStorage(SKU_COUNTER_SCHEMA);
  readonly queue: ChannelSignal[] = [];
  /** What each channel shows: of the highest version that it has seen. */
  readonly shown = new Map<ChannelId, Told>();
  calls = 0;
  nowMs = 1_000_000;
  #desk: CounterDesk | null = null;
  #movements = 0;
  #revision = 0;

  constructor() {
    const at = fromStore<LocationId>("1");
    const levels = [
      { locationId: at, shopLocationId: fromStore<never>("1"), available: 50, committed: 0, atMs: this.nowMs },
    ];
    this.desk.connectListing({
      sku: fromStore("CUP"),
      listingId: fromStore("a.myshopify.com/1"),
      levels,
      correlationId,
    });
  }

  get desk(): CounterDesk {
    this.#desk ??= new CounterDesk({
      ...{ skuId: fromStore("sku_1"), storage: this.storage, settings: counterSettingsOf({}) },
      signal: async () => {},
      signalChannel: async (signal) => void this.queue.push(signal),
      report: async () => {},
      tell: async () => {},
      mirror: async () => {},
      park: async () => {},
      nowMs: () => this.nowMs,
      newId: () => `${this.#movements}`,
      sleep: async () => {},
      beside: () => {},
      log: () => {},
    });
    return this.#desk;
  }

  say(channel: ChannelId, terms: { since: number; items: readonly string[] } | null): void {
    this.#revision += 1;
    this.desk.apply([{ kind: "channel_outbound", channel, terms, revision: this.#revision, correlationId }]);
  }

  move(delta: number): void {
    this.#movements += 1;
    const key = fromStore<MovementKey>(`m${this.#movements}`);
    const asked = {
      key,
      locationId: fromStore<LocationId>("1"),
      delta,
      cause,
      occurredAtMs: this.nowMs,
      fingerprint: "f",
    };
    this.desk.apply([{ kind: "movement", request: { ...asked, allowNegative: true } }]);
  }

  die(): void {
    this.#desk = null;
  }

  /** What its consumer does with a signal; each part of it may not happen. */
  answer({ channel }: ChannelSignal, ending: "well" | "not_sent" | "not_acknowledged" | "postponed"): void {
    const taken = this.desk.takeLevels(channel);
    if (taken === null || taken.isTold) return;
    if (ending === "postponed") this.desk.levelsPostponed(channel, this.nowMs + 1_000);
    if (ending === "postponed" || ending === "not_sent") return;
    this.deliver(channel, taken);
    if (ending === "well") this.desk.levelsTold(channel, taken);
  }

  deliver(channel: ChannelId, { version, digest, sellable }: TakenLevels): void {
    this.calls += 1;
    const before = this.shown.get(channel);
    if (before === undefined || version >= before.version)
      this.shown.set(channel, { version, units: sellable.sellable, digest });
  }

  /** The network heals, and time passes, until nothing is left to do. */
  async settle(): Promise<void> {
    for (let round = 0; round < 40; round += 1) {
      for (const signal of this.queue.splice(0)) this.answer(signal, "well");
      this.nowMs += 400_000;
      await this.desk.alarm();
    }
  }
}

type Step =
  | { readonly kind: "move"; readonly delta: number }
  | { readonly kind: "stop" }
  | { readonly kind: "resume" }
  | { readonly kind: "die" }
  | { readonly kind: "time" }
  | { readonly kind: "word"; readonly channel: number; readonly isTold: boolean; readonly since: number }
  | { readonly kind: "signal"; readonly at: number; readonly how: "lost" | "twice" | Parameters<World["answer"]>[1] }
  /** A call that is still on its way arrives, and is answered for, much later. */
  | { readonly kind: "late" };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("move" as const), delta: fc.integer({ min: -30, max: 30 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom("stop", "resume", "die", "time", "late") }) as fc.Arbitrary<Step>,
  },
  {
    weight: 1,
    arbitrary: fc.record({
      ...{ kind: fc.constant("word" as const), channel: fc.nat(1), isTold: fc.boolean(), since: fc.nat(3) },
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("signal" as const),
      at: fc.nat(5),
      how: fc.constantFrom("lost", "twice", "well", "not_sent", "not_acknowledged", "postponed"),
    }),
  },
);

describe("levels for channels", () => {
  it("are at rest what the counter says, whatever was lost, doubled, late or cut off on the way", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const world = new World();
        const isTold = new Map<ChannelId, boolean>();
        const late: (readonly [ChannelId, TakenLevels])[] = [];
        for (const channel of CHANNELS) {
          world.say(channel, { since: 1, items: [] });
          isTold.set(channel, true);
        }
        for (const each of steps) {
          world.nowMs += 10;
          if (each.kind === "move") world.move(each.delta);
          else if (each.kind === "die") world.die();
          else if (each.kind === "time") {
            world.nowMs += 20_000;
            await world.desk.alarm();
          } else if (each.kind === "stop" || each.kind === "resume") {
            const isStopped = each.kind === "stop";
            world.desk.apply([{ kind: "channel_stop", channel: CHANNELS[0] as ChannelId, isStopped, correlationId }]);
          } else if (each.kind === "word") {
            const channel = CHANNELS[each.channel] as ChannelId;
            world.say(channel, each.isTold ? { since: each.since, items: [] } : null);
            isTold.set(channel, each.isTold);
          } else if (each.kind === "late") {
            const signal = world.queue.shift();
            const taken = signal === undefined ? null : world.desk.takeLevels(signal.channel);
            if (signal !== undefined && taken !== null && !taken.isTold) late.push([signal.channel, taken]);
          } else {
            const [signal] = world.queue.splice(each.at % Math.max(1, world.queue.length), 1);
            if (signal === undefined || each.how === "lost") continue;
            if (each.how === "twice") world.queue.push(signal);
            world.answer(signal, each.how === "twice" ? "well" : each.how);
          }
        }
        for (const [channel, taken] of late) {
          world.deliver(channel, taken);
          world.desk.levelsTold(channel, taken);
        }
        await world.settle();
        for (const channel of CHANNELS) {
          if (isTold.get(channel) !== true) continue;
          const says = world.desk.sellable(channel)?.sellable;
          expect(world.shown.get(channel)?.units).toBe(says?.sellable);
          expect(world.desk.takeLevels(channel)?.isTold).toBe(true);
        }
        expect(world.queue).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  it("never have two signals on their way to one channel, and a thousand orders cost a handful of calls", () => {
    const world = new World();
    const [channel] = CHANNELS as [ChannelId];
    world.say(channel, { since: 1, items: [] });
    for (let order = 1; order <= 1_000; order += 1) {
      world.move(-1);
      expect(world.queue.length).toBeLessThanOrEqual(1);
      // A consumer that gets to it once in two hundred orders, and a slot of the pace every other time.
      if (order % 200 === 0)
        for (const signal of world.queue.splice(0)) world.answer(signal, order % 400 === 0 ? "well" : "postponed");
      if (order % 400 === 200) world.queue.push(signalOf(channel)); // what was postponed comes again
    }
    for (const signal of world.queue.splice(0)) world.answer(signal, "well");
    expect(world.shown.get(channel)?.units).toBe(0);
    expect(world.calls).toBeLessThanOrEqual(4);
  });

  it("are urgent when the channel shows units and shall show none", () => {
    const world = new World();
    const [channel] = CHANNELS as [ChannelId];
    world.say(channel, { since: 1, items: ["9"] });
    const next = (): ChannelSignal => world.queue.shift() as ChannelSignal;
    expect(next().urgent).toBe(false);
    world.answer(signalOf(channel), "well");
    world.desk.apply([{ kind: "channel_stop", channel, isStopped: true, correlationId }]);
    const stop = next();
    expect(stop.urgent).toBe(true);
    world.answer(stop, "well");
    world.desk.apply([{ kind: "channel_stop", channel, isStopped: false, correlationId }]);
    const resume = next();
    expect(resume.urgent).toBe(false);
    world.answer(resume, "well");
    world.move(-50);
    expect(next().urgent).toBe(true);
  });

  it("write nothing of a counter whose channels are told nothing, and an older word undoes no newer one", () => {
    const world = new World();
    const rows = (table: string) => world.storage.sql.exec(`SELECT * FROM ${table}`).toArray();
    world.move(-1);
    expect([rows("outbound"), rows("channel_outbox")]).toEqual([[], []]);
    const [channel] = CHANNELS as [ChannelId];
    const word = { kind: "channel_outbound", channel, correlationId } as const;
    world.desk.apply([{ ...word, terms: null, revision: 9 }]);
    world.desk.apply([{ ...word, terms: { since: 1, items: [] }, revision: 8 }]);
    expect(world.desk.takeLevels(channel)).toBeNull();
    world.desk.apply([{ ...word, terms: { since: 2, items: [] }, revision: 10 }]);
    expect(world.desk.takeLevels(channel)).toMatchObject({ isTold: false, terms: { since: 2 } });
  });

  it("are told anew when the channel has changed, though they are the same", () => {
    const world = new World();
    const [channel] = CHANNELS as [ChannelId];
    world.say(channel, { since: 1, items: [] });
    world.answer(world.queue.shift() as ChannelSignal, "well");
    world.say(channel, { since: 1, items: [] });
    expect(world.queue).toEqual([]);
    world.say(channel, { since: 2, items: [] });
    world.answer(world.queue.shift() as ChannelSignal, "well");
    expect(world.calls).toBe(2);
  });
});

const signalOf = (channel: ChannelId): ChannelSignal => ({
  ...{ v: 1, kind: "dirty_channel", skuId: fromStore("sku_1"), channel, urgent: false, correlationId, sentAt: 0 },
});
