/** What the driver can be told. Its requests and answers: `driver.ts`, which both sides import. */
import type { CounterEvent } from "../../src/domain/counter/counter-event.ts";
import { type CorrelationId, fromStore, type SkuId } from "../../src/domain/ids.ts";
import { durableCounters } from "../../src/store/durable-counters.ts";
import { consume, tell } from "./consume.ts";
import type {
  ApplyAnswer,
  ApplyOrder,
  ConnectOrder,
  ConsumeOrder,
  LevelsOrder,
  QueueOrder,
  SendOrder,
  Sums,
  TellOrder,
} from "./driver.ts";

const MESSAGES_PER_REQUEST = 100; // the platform's maximum

export async function drive(what: string, order: unknown, env: Env): Promise<unknown> {
  switch (what) {
    case "connect":
      return connect(order as ConnectOrder, env);
    case "apply":
      return apply(order as ApplyOrder, env);
    case "queue":
      return enqueue(order as QueueOrder, env);
    case "send":
      return send(order as SendOrder, env);
    case "consume":
      return consume(order as ConsumeOrder, env);
    case "tell":
      return tell(order as TellOrder, env);
    case "levels":
      return levels(order as LevelsOrder, env);
    default:
      throw new Error(`nothing is called ${what}`);
  }
}

async function connect({ skuId, listingId, levels: given }: ConnectOrder, env: Env): Promise<null> {
  const levels = given.map(({ locationId, available }) => ({
    locationId: fromStore<never>(locationId),
    shopLocationId: fromStore<never>(locationId),
    available,
    committed: 0,
    atMs: Date.now(),
  }));
  await durableCounters(env.SKU_COUNTER)
    .of(fromStore<SkuId>(skuId))
    .connectListing({ sku: fromStore(skuId), listingId: fromStore(listingId), levels, correlationId: CAUSE });
  return null;
}

const CAUSE = fromStore<CorrelationId>("benchmark");

/** Calls of `size` events each, `inFlight` at a time, until `calls` are made. */
async function apply(order: ApplyOrder, env: Env): Promise<ApplyAnswer> {
  const counters = durableCounters(env.SKU_COUNTER);
  const counts: Record<string, number> = {};
  let next = 0;
  const callInTurn = async (): Promise<void> => {
    const counter = counters.of(fromStore<SkuId>(order.skuId));
    for (let call = next++; call < order.calls; call = next++) {
      const reply = await counter.apply(eventsOf(order, call));
      if (reply.kind !== "applied") throw new Error(`the counter is ${reply.kind}`);
      for (const { kind } of reply.outcomes) counts[kind] = (counts[kind] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: order.inFlight }, callInTurn));
  return { counts };
}

/** A till's sale: one unit, guarded, under its own key. An order's line: one unit, early news of Shopify's own sale. */
function eventsOf({ kind, size, prefix, listingId, atMs }: ApplyOrder, call: number): CounterEvent[] {
  return Array.from({ length: size }, (_, i): CounterEvent => {
    const id = `${prefix}/${call * size + i}`;
    if (kind === "order") {
      const at = { listingId: fromStore<never>(listingId), atMs, locationId: null, correlationId: CAUSE };
      return { kind: "hint", id: fromStore(id), quantity: -1, commits: true, ...at };
    }
    return {
      kind: "movement",
      request: {
        key: fromStore(id),
        fingerprint: "-1",
        locationId: null,
        delta: -1,
        allowNegative: false,
        cause: { reason: "sale", reference: null, source: "api", actor: "till", correlationId: CAUSE },
        occurredAtMs: atMs,
      },
    };
  });
}

/** Puts envelopes on the event queue, as the receiver would. */
async function enqueue({ envelopes }: QueueOrder, env: Env): Promise<null> {
  const receivedAt = Date.now();
  for (let i = 0; i < envelopes.length; i += MESSAGES_PER_REQUEST) {
    const messages = envelopes.slice(i, i + MESSAGES_PER_REQUEST);
    await env.EVENTS.sendBatch(messages.map((given) => ({ body: { ...given, receivedAt } })));
  }
  return null;
}

async function send({ to, bodies }: SendOrder, env: Env): Promise<null> {
  for (let i = 0; i < bodies.length; i += MESSAGES_PER_REQUEST)
    await env[to].sendBatch(bodies.slice(i, i + MESSAGES_PER_REQUEST).map((body) => ({ body })));
  return null;
}

/** What these counters hold. It wakes them, too. */
async function levels({ skuIds }: LevelsOrder, env: Env): Promise<readonly Sums[]> {
  const counters = durableCounters(env.SKU_COUNTER);
  return Promise.all(
    skuIds.map(async (skuId) => {
      const view = await counters.of(fromStore<SkuId>(skuId)).levels();
      return { skuId, available: view?.available ?? null };
    }),
  );
}
