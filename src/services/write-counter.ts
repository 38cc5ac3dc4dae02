/** A write that a caller of the API asks of one SKU's counter: one call, told at once to the mirror. */
import type { CounterEvent, EventOutcome } from "../domain/counter/counter-event.ts";
import type { Sku } from "../domain/ids.ts";
import type { LevelsView } from "../domain/levels-view.ts";
import type { Catalogue } from "./catalogue.ts";
import type { ApplyOptions, Counters } from "./counter-contract.ts";
import { knownSkuId } from "./known-sku-id.ts";

export interface WriteDeps {
  readonly catalogue: Pick<Catalogue, "skuIds">;
  readonly counters: Counters;
  mirror(views: readonly LevelsView[]): void;
}

export type WriteAnswer =
  | { readonly kind: "unknown_sku" }
  /** In the catalogue, and its counter has not heard of it: an import is under way. */
  | { readonly kind: "not_connected" }
  | {
      readonly kind: "answered";
      /** One per event, same order. */
      readonly outcomes: readonly EventOutcome[];
      readonly view: LevelsView;
      readonly ticket: string | null;
    };

/** Throws Unavailable when the catalogue or the counter is away: whether it was booked, the same keys will tell. */
export async function writeCounter(
  sku: Sku,
  events: readonly CounterEvent[],
  options: ApplyOptions,
  deps: WriteDeps,
): Promise<WriteAnswer> {
  const skuId = await knownSkuId(deps.catalogue, sku);
  if (skuId === null) return { kind: "unknown_sku" };
  const reply = await deps.counters.of(skuId).apply(events, options);
  if (reply.kind === "not_connected") return reply;
  // A refusal mostly changes nothing; but a hold that was over has been booked with it.
  if (options.dryRun !== true && reply.hasChanged !== false) deps.mirror([reply.view]);
  return { kind: "answered", outcomes: reply.outcomes, view: reply.view, ticket: reply.ticket ?? null };
}
