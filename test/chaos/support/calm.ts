/**
 * The local stack with little trade, in which one fault after the other is made: each test has SKUs of its own, breaks
 * something, sells meanwhile, and in the end nothing of the whole stack is lost. The Worker is the shipped one behind bindings
 * that can be broken.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect } from "vitest";
import { ApiProblem } from "../../../dev/cli/client.ts";
import { AcceptedNews } from "../../../dev/demo/accepted.ts";
import { type Account, unbalanced } from "../../../dev/demo/compare.ts";
import { type Fates, fatesOf } from "../../../dev/demo/fates.ts";
import { oversoldUnits } from "../../../dev/demo/progress.ts";
import { readDeadLetters, readJournal } from "../../../dev/demo/read-journal.ts";
import { soldBySecond } from "../../../dev/demo/second-shop.ts";
import { behindSecondOf, settledStock } from "../../../dev/demo/settled-stock.ts";
import { accountsOf } from "../../../dev/demo/shop-tables.ts";
import type { Order } from "../../../dev/shopify-simulator/model/shop-model.ts";
import type { ShopifySimulator } from "../../../dev/shopify-simulator/simulator.ts";
import { type Stack, type StackOptions, startStack } from "../../../dev/stack/stack.ts";
import { BREAKAGES_PATH, type Breakage, HURRIED_PATH, type Struck } from "./breakage.ts";
import { waitUntil } from "./wait-until.ts";

const ENTRY = "test/chaos/worker/index.ts";

export type CalmOptions = {
  readonly seed: number;
  /** As many as the tests of the file take. */
  readonly skus?: number;
  /** Each SKU is stocked at all of them; 2 when nothing is said. */
  readonly locations?: number;
  readonly timing?: Readonly<Record<string, number>>;
  readonly settings?: Readonly<Record<string, string>>;
  /** Changes the shop before it is imported. */
  prepare?(simulator: ShopifySimulator): void;
  readonly seedSecond?: NonNullable<StackOptions["seedSecond"]>;
};

/** What is known to be otherwise in the end, and looked at by the test itself. */
export type Except = {
  /** SKUs whose levels or units are not to agree. */
  readonly skus?: readonly string[];
  /** Letters that wait for a person: of these events, by their ids. */
  readonly waiting?: readonly string[];
  /** Redis lost writes on purpose. */
  readonly isMirrorBroken?: boolean;
  /** The runtime lost its memory, and with it its queues. */
  readonly forgets?: boolean;
  /** Units below zero at Shopify: somebody sold them there. */
  readonly oversold?: number;
};

export type Mend = (() => Promise<number>) & { struck(): Promise<number> };

const JOURNAL_MS_MAX = 30_000;
const ASKS_MAX = 20;
const ASK_AGAIN_MS = 250;
const MINUTE_MS_MAX = 500;

/** Starts before the tests of a file, ends after them. */
export function calmWorld(options: CalmOptions): () => Calm {
  let calm: Calm | null = null;
  const accepted = new AcceptedNews();
  beforeAll(async () => {
    const { seed, skus = 60, locations = 2, prepare, ...given } = options;
    const stack = await startStack({
      port: 0,
      foreign: null,
      entry: ENTRY,
      simulator: { seed, courier: { retryScale: 0.001, onAccepted: (delivery) => accepted.note(delivery) } },
      seed: (simulator) => {
        simulator.seedCatalogue({ skus, locations, stock: [60, 120] });
        prepare?.(simulator);
      },
      say: () => {},
      ...given,
      timing: { alertMinuteMs: 2_000, ...given.timing },
    });
    calm = new Calm(stack, accepted);
  });
  afterAll(() => calm?.stack.stop());
  return () => {
    if (calm === null) throw new Error("the stack is not up");
    return calm;
  };
}

export class Calm {
  readonly stack: Stack;
  readonly simulator: ShopifySimulator;
  readonly accepted: AcceptedNews;
  /** Units that tills took by Onhand's word: SKU → location → units. */
  readonly taken = new Map<string, Map<string, number>>();
  #handedOut = 0;
  #keys = 0;

  constructor(stack: Stack, accepted: AcceptedNews) {
    if (stack.simulator === null) throw new Error("no simulator");
    this.stack = stack;
    this.simulator = stack.simulator;
    this.accepted = accepted;
  }

  /** A SKU that no other test of the file has. */
  sku(): string {
    const sku = this.simulator.store.variants.filter(({ item }) => item.sku !== null)[this.#handedOut]?.item.sku;
    this.#handedOut += 1;
    if (sku === undefined || sku === null) throw new Error("give this file's shop more SKUs");
    return sku;
  }

  /** The location of that number, by its id at Shopify. */
  place(index: number): string {
    const place = this.simulator.store.locations[index];
    if (place === undefined) throw new Error(`no location ${index}`);
    return place.id;
  }

  /** A buyer at Shopify. */
  buy(...lines: readonly (readonly [sku: string, quantity: number])[]): Order {
    const outcome = this.simulator.createOrder({ lines: lines.map(([sku, quantity]) => ({ sku, quantity })) });
    if (outcome.kind !== "created") throw new Error(`no order: ${outcome.kind}`);
    return outcome.order;
  }

  /** A till: asks again under its key until it has an answer. @returns whether it got the units, where it wants them */
  async take(sku: string, quantity: number, locationId?: string): Promise<boolean> {
    this.#keys += 1;
    const key = `calm-${process.pid}-${this.#keys}`;
    const at = locationId === undefined ? {} : { locationId };
    for (let asks = 1; ; asks += 1) {
      try {
        const path = `/v1/inventory/${encodeURIComponent(sku)}/adjustments`;
        const { movement } = await this.stack.client.call<{ movement: { locationId: string } }>(
          ...(["POST", path, { delta: -quantity, reason: "sale", reference: key, ...at }] as const),
          { "idempotency-key": key },
        );
        this.noteTaken(sku, movement.locationId, quantity);
        return true;
      } catch (error) {
        if (error instanceof ApiProblem && error.status === 409) return false;
        if ((error instanceof ApiProblem && error.status < 500) || asks >= ASKS_MAX) throw error;
        await sleep(ASK_AGAIN_MS);
      }
    }
  }

  /** Units that left our count by Onhand's word; below zero: that came. */
  noteTaken(sku: string, locationId: string, units: number): void {
    const places = this.taken.get(sku) ?? new Map<string, number>();
    this.taken.set(sku, places.set(locationId, (places.get(locationId) ?? 0) + units));
  }

  /** Lines of that event which the Worker has logged so far. */
  logged(event: string): number {
    return this.stack.log.tally().events.get(event) ?? 0;
  }

  /** What Onhand says is available of it, over all locations. */
  async available(sku: string): Promise<number> {
    const path = `/v1/inventory/${encodeURIComponent(sku)}`;
    return (await this.stack.client.call<{ available: number }>("GET", path)).available;
  }

  /** The cron comes, without waiting for its clock. Resolves when it is done, or is long at it. */
  async minute(): Promise<void> {
    const turn = this.stack.worker.scheduled("* * * * *").catch(() => {}); // it logs its own failures
    await Promise.race([turn, sleep(MINUTE_MS_MAX)]);
  }

  /** @returns mends it, and tells how often it struck; `struck` tells that while it is still broken */
  async break(breakage: Breakage): Promise<Mend> {
    this.#keys += 1;
    const id = `b${this.#keys}`;
    const ask = async (method: "PUT" | "GET" | "DELETE"): Promise<Struck> => {
      const body = method === "PUT" ? { body: JSON.stringify(breakage) } : {};
      const response = await fetch(`${this.stack.client.url}${BREAKAGES_PATH}${id}`, { method, ...body });
      return (await response.json()) as Struck;
    };
    await ask("PUT");
    const struck = async (): Promise<number> => (await ask("GET"))[id] ?? 0;
    const mend = async (): Promise<number> => {
      const times = await struck();
      await ask("DELETE");
      return times;
    };
    return Object.assign(mend, { struck });
  }

  /** Its messages come again without a pause: their tries run out within a second. @returns gives the pauses back */
  async hurry(queue: string): Promise<() => Promise<void>> {
    const tell = async (method: "PUT" | "DELETE"): Promise<void> => {
      await fetch(`${this.stack.client.url}${HURRIED_PATH}${queue}`, { method });
    };
    await tell("PUT");
    return () => tell("DELETE");
  }

  /** All channels agree, every unit and every accepted event is accounted for, no letter waits that should not. */
  async nothingIsLost(except: Except = {}): Promise<Fates> {
    const { stack, simulator } = this;
    const { skus: odd = [], isMirrorBroken = false, oversold = 0 } = except;
    const isMirrorWhole = !isMirrorBroken;
    const stock = await settledStock({ stack, simulator, isMirrorWhole, except: odd });
    expect(stock.differences, "levels that differ").toEqual([]);
    expect(stock.behind ?? [], "not written through to Redis").toEqual([]);
    expect(behindSecondOf(stack, stock.counters.levels), "not shown by the second shop").toEqual([]);
    expect(unbalanced(this.#accounts(odd)), "units not accounted for").toEqual([]);
    expect(oversoldUnits(simulator), "units below zero").toBe(oversold);
    return this.#accountForEvents(except);
  }

  #accounts(odd: readonly string[]): readonly Account[] {
    const taken = new Map(this.taken);
    // To the first shop it is the same: taken elsewhere.
    const bySecond = this.stack.second === null ? [] : soldBySecond(this.stack.second);
    for (const [sku, units] of bySecond) taken.set(sku, new Map(taken.get(sku)).set("second shop", units));
    return accountsOf(this.simulator, taken).filter(({ sku }) => !odd.includes(sku));
  }

  async #accountForEvents({ waiting = [], forgets = false }: Except): Promise<Fates> {
    const { stack, accepted } = this;
    const read = async (): Promise<Fates> =>
      fatesOf(accepted.all(), await readJournal(stack), await readDeadLetters(stack));
    // What the platform moved to a dead-letter queue had no end at its consumer: its letter is the end.
    const forgotten = (fates: Fates) => fates.forgotten.filter(({ eventId }) => !waiting.includes(eventId));
    if (!forgets) await waitUntil(async () => forgotten(await read()).length === 0, JOURNAL_MS_MAX);
    const fates = await read();
    expect(fates.countedTwice).toEqual([]);
    expect(fates.waiting.toSorted()).toEqual([...waiting].toSorted());
    if (!forgets) expect(forgotten(fates)).toEqual([]);
    return fates;
  }
}
