/**
 * Replay of a dead letter: it is processed afresh and still counts once, because its business keys are what counts. Sent
 * first, noted after: a crash in between leaves a letter that may be replayed again.
 */
import type { CorrelationId, ListingId, LocationId, ShopDomain, SkuId } from "../domain/ids.ts";
import type { DeadLetterStatus, DeadLetterStore, StoredDeadLetter } from "./dead-letters.ts";

export type ReplayOutcome =
  /** It was sent; its status is `waiting` when it died again meanwhile. */
  | { readonly kind: "replayed"; readonly letter: StoredDeadLetter; readonly status: DeadLetterStatus }
  | { readonly kind: "unknown" }
  | { readonly kind: "not_replayable"; readonly reason: string };

export type ParkedLevels = {
  readonly skuId: SkuId;
  readonly listingId: ListingId;
  readonly locationIds: readonly LocationId[];
};

export interface ReplayDeps {
  readonly store: DeadLetterStore;
  /** Take in a body that could not be read when it came. A text says why it still cannot. */
  takeIn(letter: {
    readonly topic: string;
    readonly payload: unknown;
    readonly shop: ShopDomain;
    readonly eventId: string;
    readonly correlationId: CorrelationId;
  }): Promise<string | null>;
  /** Put a body back on the queue where it died; false: there is no such queue any more. */
  send(queue: string, body: unknown): Promise<boolean>;
  parkedLevels(body: unknown): ParkedLevels | null;
  unpark(levels: ParkedLevels): Promise<void>;
  nowMs(): number;
}

export async function replayDeadLetter(id: string, deps: ReplayDeps): Promise<ReplayOutcome> {
  const letter = await deps.store.get(id);
  if (letter === null) return { kind: "unknown" };
  const obstacle = letter.truncated ? "its payload was cut when it was kept" : await sendAgain(letter, deps);
  if (obstacle !== null) return { kind: "not_replayable", reason: obstacle };
  const status = await deps.store.markReplayed(id, letter.deaths, deps.nowMs());
  return { kind: "replayed", letter, status };
}

/** @returns why not; null when it is on its way */
async function sendAgain(letter: StoredDeadLetter, deps: ReplayDeps): Promise<string | null> {
  const { origin, topic, payload, shop, eventId, correlationId } = letter;
  if (origin === "ingress/shopify") {
    return shop === null ? "it names no shop" : deps.takeIn({ topic, payload, shop, eventId, correlationId });
  }
  const parked = deps.parkedLevels(payload);
  if (parked !== null) {
    await deps.unpark(parked);
    return null;
  }
  const queue = origin.slice("queue/".length);
  return (await deps.send(queue, payload)) ? null : `there is no queue "${queue}"`;
}
