/** Lets the plan happen: buyers and the merchant at the simulator, tills over Onhand's API. */
import { setTimeout as sleep } from "node:timers/promises";
import { ApiProblem, type OnhandClient } from "../cli/client.ts";
import type { Order } from "../shopify-simulator/model/shop-model.ts";
import type { ShopifySimulator } from "../shopify-simulator/simulator.ts";
import { FLASH_SKU } from "./demo-shop.ts";
import type { Action } from "./plan.ts";

/** What happened, counted where it happened: outside Onhand. */
export type TrafficTally = {
  orders: number;
  flashOrders: number;
  soldOut: number;
  cancels: number;
  refunds: number;
  ships: number;
  edits: number;
  /** Takes that Onhand accepted, refused, and answered again for a repeated key. */
  takes: number;
  takesRefused: number;
  takesRepeated: number;
  /** Tills that got an error, or no definite answer however often they asked. */
  tillErrors: number;
  /** Units that tills took: SKU → location → units, as Onhand's answers told. */
  readonly taken: Map<string, Map<string, number>>;
};

const TICK_MS = 20;
const TILLS_AT_ONCE = 12;
/** A till that got no definite answer asks again with the same key, this often. */
const ASKS_MAX = 60;
const ASK_AGAIN_MS = 500;

export class Traffic {
  readonly tally: TrafficTally = {
    orders: 0,
    flashOrders: 0,
    soldOut: 0,
    cancels: 0,
    refunds: 0,
    ships: 0,
    edits: 0,
    takes: 0,
    takesRefused: 0,
    takesRepeated: 0,
    tillErrors: 0,
    taken: new Map(),
  };
  readonly #simulator: ShopifySimulator;
  readonly #client: OnhandClient;
  readonly #open: Order[] = [];
  readonly #tills = new Set<Promise<void>>();
  #keys = 0;

  constructor(simulator: ShopifySimulator, client: OnhandClient) {
    this.#simulator = simulator;
    this.#client = client;
  }

  /** Resolves when all of the plan has happened and every till has its answer; sooner when the signal says so. */
  async play(plan: readonly Action[], signal: AbortSignal): Promise<void> {
    const startedMs = performance.now();
    let next = 0;
    while (next < plan.length && !signal.aborted) {
      const elapsedMs = performance.now() - startedMs;
      for (let action = plan[next]; action !== undefined && action.atMs <= elapsedMs; action = plan[next]) {
        next += 1;
        await this.#act(action);
      }
      await sleep(TICK_MS);
    }
    await Promise.all(this.#tills);
  }

  async #act(action: Action): Promise<void> {
    switch (action.kind) {
      case "order":
        return this.#order(action);
      case "cancel":
        return this.#cancel(action.restock);
      case "refund":
        return this.#refund(action.restockType);
      case "ship":
        return this.#ship();
      case "edit":
        return this.#edit(action);
      case "till":
        while (this.#tills.size >= TILLS_AT_ONCE) await Promise.race(this.#tills);
        this.#spawn(this.#till(action));
        return;
    }
  }

  #spawn(till: Promise<void>): void {
    const settled = till
      .catch(() => {
        this.tally.tillErrors += 1;
      })
      .finally(() => this.#tills.delete(settled));
    this.#tills.add(settled);
  }

  #order({ lines }: Action & { kind: "order" }): void {
    const outcome = this.#simulator.createOrder({ lines });
    if (outcome.kind !== "created") {
      this.tally.soldOut += 1;
      return;
    }
    this.tally.orders += 1;
    if (lines.some(({ sku }) => sku === FLASH_SKU)) this.tally.flashOrders += 1;
    this.#open.push(outcome.order);
  }

  /** The oldest order that is still open: its webhooks are under way, or lost. */
  #cancel(restock: boolean): void {
    const order = this.#open.shift();
    if (order !== undefined && this.#simulator.cancelOrder(order.id, { restock }).kind === "done")
      this.tally.cancels += 1;
  }

  #refund(restockType: "cancel" | "return" | "no_restock"): void {
    const order = this.#open.shift();
    const line = order?.lines[0];
    if (order === undefined || line === undefined) return;
    if (restockType === "return") this.#simulator.fulfilOrder(order.id);
    const outcome = this.#simulator.refundOrder(order.id, { lines: [{ lineId: line.id, quantity: 1, restockType }] });
    if (outcome.kind === "done") this.tally.refunds += 1;
  }

  #ship(): void {
    const order = this.#open.shift();
    if (order !== undefined && this.#simulator.fulfilOrder(order.id).kind === "done") this.tally.ships += 1;
  }

  #edit({ sku, delta, location }: Action & { kind: "edit" }): void {
    const place = this.#simulator.store.locations[location];
    if (place === undefined) return;
    this.#simulator.editLevel({ sku }, place.id, { delta });
    this.tally.edits += 1;
  }

  async #till({ sku, quantity, repeats }: Action & { kind: "till" }): Promise<void> {
    this.#keys += 1;
    const key = `till-${process.pid}-${this.#keys}`;
    const location = await this.#take(sku, quantity, key);
    if (location === null) {
      this.tally.takesRefused += 1;
      return;
    }
    this.tally.takes += 1;
    const places = this.tally.taken.get(sku) ?? new Map<string, number>();
    this.tally.taken.set(sku, places.set(location, (places.get(location) ?? 0) + quantity));
    if (repeats && (await this.#take(sku, quantity, key)) === location) this.tally.takesRepeated += 1;
  }

  /** @returns where the units were taken; null: there were not enough */
  async #take(sku: string, quantity: number, key: string): Promise<string | null> {
    const path = `/v1/inventory/${encodeURIComponent(sku)}/adjustments`;
    for (let asks = 1; ; asks += 1) {
      try {
        const body = { delta: -quantity, reason: "sale", reference: key };
        const answer = await this.#client.call<{ movement: { locationId: string } }>("POST", path, body, {
          "idempotency-key": key,
        });
        return answer.movement.locationId;
      } catch (error) {
        if (error instanceof ApiProblem && error.status === 409) return null;
        const isDefinite = error instanceof ApiProblem && error.status < 500;
        if (isDefinite || asks >= ASKS_MAX) throw error;
        await sleep(ASK_AGAIN_MS);
      }
    }
  }
}
