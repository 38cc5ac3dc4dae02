/** Sends the queries that the read desk has gathered, and hands it the answers. */
import { judgeReply } from "../../domain/shop-gate/judge-reply.ts";
import { READ_LEARN_ITEMS_MIN } from "../../domain/shop-gate/limits.ts";
import type { GateDeps } from "./gate-deps.ts";
import { type GateMind, guarded, type Started } from "./gate-mind.ts";
import type { ReadDesk } from "./read-desk.ts";

export class ReadCalls {
  readonly #deps: GateDeps;
  readonly #mind: GateMind;
  readonly #desk: ReadDesk;
  readonly #afterwards: () => void;
  #inFlight = 0;

  constructor(deps: GateDeps, mind: GateMind, desk: ReadDesk, afterwards: () => void) {
    this.#deps = deps;
    this.#mind = mind;
    this.#desk = desk;
    this.#afterwards = afterwards;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** @param pushesWait  reads then take a share of the rate only */
  send(pushesWait: boolean, nowMs: number): void {
    const chunk = this.#desk.nextChunk(this.#mind.memory);
    const accessToken = this.#mind.token.current(nowMs);
    if (chunk === null || accessToken === null) return;
    const ticket = this.#mind.take({ kind: "read", cost: chunk.cost, pushesWait }, nowMs);
    const weight = chunk.items.length < READ_LEARN_ITEMS_MIN ? null : chunk.weight;
    const started: Started = { ticket, startedMs: nowMs, asker: "gate", weight, accessToken };
    this.#inFlight += 1;
    this.#deps.meter.observe("onhand_gate_read_items", { shop: this.#deps.shop }, chunk.items.length);
    this.#desk.start(chunk);
    void guarded(() => this.#deps.shopify.levels(accessToken, chunk.items, chunk.locations)).then((reply) => {
      this.#inFlight -= 1;
      const trouble = this.#mind.learn(started, reply, judgeReply(reply));
      const payload = trouble === null && reply.kind === "graphql" ? reply.data : null;
      // A refusal of the shop, or of its points, says nothing about what was asked.
      const isSuspect = trouble === null || trouble.kind === "unclear" || trouble.kind === "too_large";
      this.#desk.finish(chunk, payload, isSuspect);
      const levels = [...(payload?.values() ?? [])].reduce((sum, each) => sum + (each?.length ?? 0), 0);
      this.#mind.count({ levelsRead: levels });
      this.#mind.save();
      const { log, shop } = this.#deps;
      if (payload === null) {
        log("warn", "gate.read_failed", { shop, code: trouble?.code ?? "NO_PAYLOAD", reason: trouble?.message ?? "" });
      }
      this.#afterwards();
    });
  }
}
