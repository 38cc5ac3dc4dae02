/** A row of a stocktake as the counter's event, and what the counter's answer means for the row. */

import type { CountOutcome } from "../../domain/counter/count.ts";
import type { CounterEvent, EventOutcome } from "../../domain/counter/counter-event.ts";
import type { CountRow, RowError } from "../../domain/csv/parse-counts.ts";
import { type CorrelationId, fromStore, type MovementKey } from "../../domain/ids.ts";
import { sha256Hex } from "../sha256.ts";
import type { ImportPlan } from "./plans.ts";

export type CountedBy = Pick<ImportPlan, "sha256" | "createdAtMs"> & {
  readonly reference: string | null;
  readonly actor: string;
  readonly correlationId: CorrelationId;
};

/** The key is the file and the line: however often a file is given, each of its rows counts once. */
export async function countRowEvent(row: CountRow, by: CountedBy, version?: number): Promise<CounterEvent> {
  const { line, sku, locationId, counted, of, countedAtMs } = row;
  const asked = JSON.stringify(["csv", sku, locationId, counted, of, countedAtMs]);
  return {
    kind: "count",
    request: {
      key: fromStore<MovementKey>(`csv/${by.sha256}/${line}`),
      fingerprint: await sha256Hex(new TextEncoder().encode(asked)),
      ...{ locationId, counted, of, countedAtMs: countedAtMs ?? by.createdAtMs },
      ...(version === undefined ? {} : { expected: { version } }),
      cause: {
        ...{ reason: "stocktake (CSV)", reference: by.reference, source: "csv", actor: by.actor },
        correlationId: by.correlationId,
      },
    },
  };
}

export type RowResult =
  /** `difference`: units that the count found more, or fewer; null while it waits. */
  | { readonly kind: "counted" | "already" | "waiting"; readonly difference: number | null }
  /** Another version is current: read again. */
  | { readonly kind: "stale" }
  | { readonly kind: "refused"; readonly error: RowError };

const COUNT_OUTCOMES: Readonly<Record<CountOutcome["kind"], true>> = {
  ...{ counted: true, count_waits: true, counted_already: true, count_key_reused: true, no_such_location: true },
  ...{ out_of_range: true, too_old: true, version_mismatch: true, locked: true, stale_token: true },
  ...{ precondition_required: true, count_held: true, no_such_count: true },
};
const isCountOutcome = (outcome: EventOutcome): outcome is CountOutcome => outcome.kind in COUNT_OUTCOMES;

export function rowResultOf({ line }: CountRow, outcome: EventOutcome | undefined): RowResult {
  if (outcome === undefined || !isCountOutcome(outcome)) throw new Error("the counter answered another question");
  const refused = (field: string, message: string): RowResult => ({ kind: "refused", error: { line, field, message } });
  switch (outcome.kind) {
    case "counted":
      return { kind: "counted", difference: outcome.movement.delta };
    case "counted_already":
      return { kind: "already", difference: outcome.movement.delta };
    case "count_waits":
    case "count_held":
      return { kind: "waiting", difference: null };
    case "no_such_count":
      throw new Error("no decision on a count was asked for");
    case "version_mismatch":
      return { kind: "stale" };
    case "no_such_location":
      return refused("locationId", `it is stocked at: ${outcome.known.join(", ") || "none"}`);
    case "out_of_range":
      return refused("counted", `must be of at most ±${outcome.levelMax}`);
    case "too_old":
      return refused("countedAt", "is older than the history that tells what happened since");
    case "locked":
      return refused("sku", "somebody holds its lease: give the file again when it has ended");
    case "stale_token":
    case "precondition_required":
      return refused("sku", "its strategy wants a lease: count it by itself, under one");
    case "count_key_reused":
      return refused("row", "this line of this file has been counted otherwise");
  }
}
