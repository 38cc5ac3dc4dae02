/**
 * Layer 3, traces: all that is known of one cause, asked of everybody who may know. The journal says which counters and
 * shops it went to; what nobody can say just now is named, and keeps the rest from nobody.
 */
import type { Movement } from "../domain/counter/movement.ts";
import type { CorrelationId, ShopDomain, Sku, SkuId } from "../domain/ids.ts";
import type { StoredEntry } from "../domain/journal/entry.ts";
import type { PushTrace, PushTraceQuery } from "../domain/journal/push-trace.ts";
import { type LetterTrace, type TraceStep, timelineOf } from "../domain/journal/timeline.ts";
import { reasonOf } from "../observability/log.ts";
import { atMost } from "./at-most.ts";
import type { Counters } from "./counter-contract.ts";
import type { DeadLetterStore } from "./dead-letters.ts";
import type { JournalStore } from "./journal.ts";
import { inTime } from "./with-deadline.ts";

export type TraceLimits = {
  readonly entriesMax: number;
  readonly skusMax: number;
  readonly movementsMax: number;
  readonly pushesMax: number;
  readonly lettersMax: number;
  /** Of each single question. */
  readonly callMsMax: number;
  /** Counters and gates asked at once. */
  readonly callsMax: number;
};

export interface TraceDeps {
  readonly journal: Pick<JournalStore, "ofCorrelation">;
  readonly deadLetters: Pick<DeadLetterStore, "list">;
  readonly counters: Counters;
  gateOf(shop: ShopDomain): { pushTraces(query: PushTraceQuery): Promise<readonly PushTrace[]> };
  readonly shops: readonly ShopDomain[];
  readonly limits: TraceLimits;
  nowMs(): number;
}

export type Trace = {
  readonly steps: readonly TraceStep[];
  readonly skus: readonly Sku[];
  /** What there is more of than is shown. */
  readonly cut: readonly string[];
  /** Who could not be asked, and why. */
  readonly unreached: readonly { readonly part: string; readonly reason: string }[];
};

/** Clocks of isolates and objects differ, and a counter may record before the consumer has written its entry. */
const BEFORE_MS = 60_000;
/** What follows from a cause is over by then: retries of its events bring entries of their own. */
const AFTER_MS = 10 * 60_000;
/** A change that is owed is signalled at once, and submitted within seconds. */
const PUSH_WITHIN_MS = 2 * 60_000;

type Asking = { readonly cut: string[]; readonly unreached: { part: string; reason: string }[] };

/** @param asked  counters that a caller says it went to, where the journal has forgotten */
export async function traceOf(correlationId: CorrelationId, asked: readonly SkuId[], deps: TraceDeps): Promise<Trace> {
  const { limits, shops } = deps;
  const asking: Asking = { cut: [], unreached: [] };
  const ask = askWith(asking, limits.callMsMax);
  const pushesOf = (query: Omit<PushTraceQuery, "correlationId" | "limit">) =>
    atMost(limits.callsMax, shops, (shop) =>
      ask(`gate of ${shop}`, [], () =>
        deps.gateOf(shop).pushTraces({ correlationId, limit: limits.pushesMax, ...query }),
      ),
    );
  const [entries, letters, own] = await Promise.all([
    ask("journal", [], () => deps.journal.ofCorrelation(correlationId, limits.entriesMax + 1)),
    ask("dead letters", [], () => lettersOf(correlationId, deps)),
    pushesOf({ skuIds: [], fromMs: 0, toMs: 0 }),
  ]);
  const shown = cutTo(limits.entriesMax, entries, "journal entries", asking);
  const named = [...asked, ...shown.flatMap(({ skuIds = [] }) => skuIds), ...own.flat().map(({ skuId }) => skuId)];
  const skuIds = cutTo(limits.skusMax, [...new Set(named)], "SKUs", asking);
  const span = spanOf(shown, own.flat(), letters, deps.nowMs());
  const told = await atMost(limits.callsMax, skuIds, (skuId) =>
    ask(`counter ${skuId}`, null, () => movementsOf(skuId, correlationId, span, deps, asking)),
  );
  const known = told.filter((each) => each !== null);
  const moved = known.flatMap(({ movements }) => movements.map((movement) => movement.recordedAtMs));
  const carried =
    moved.length === 0
      ? []
      : await pushesOf({
          skuIds: known.filter(({ movements }) => movements.length > 0).map(({ skuId }) => skuId),
          ...{ fromMs: Math.min(...moved), toMs: Math.max(...moved) + PUSH_WITHIN_MS },
        });
  const pushes = new Map([...own.flat(), ...carried.flat()].map((push) => [push.pushKey, push]));
  const skuOf = new Map<string, Sku>(known.map(({ skuId, sku }) => [skuId, sku]));
  const movements = known.flatMap(({ sku, movements: each }) => each.map((movement) => ({ sku, movement })));
  const steps = timelineOf({
    ...{ correlationId, entries: shown, movements, letters, skuOf },
    pushes: [...pushes.values()],
  });
  return { steps, skus: [...new Set(skuOf.values())], cut: asking.cut, unreached: unreachedOnce(asking) };
}

const askWith =
  ({ unreached }: Asking, callMsMax: number) =>
  async <Answer>(part: string, instead: Answer, question: () => Promise<Answer>): Promise<Answer> => {
    try {
      return await inTime(callMsMax, question);
    } catch (error) {
      unreached.push({ part, reason: reasonOf(error) });
      return instead;
    }
  };

const unreachedOnce = ({ unreached }: Asking): Trace["unreached"] => [
  ...new Map(unreached.map((each) => [each.part, each])).values(),
];

function cutTo<Row>(max: number, rows: readonly Row[], what: string, { cut }: Asking): readonly Row[] {
  if (rows.length > max) cut.push(`${what}: the first ${max}`);
  return rows.slice(0, max);
}

type Span = { readonly fromMs: number; readonly toMs: number };

function spanOf(
  entries: readonly StoredEntry[],
  pushes: readonly PushTrace[],
  letters: readonly LetterTrace[],
  nowMs: number,
): Span {
  const times = [
    ...entries.flatMap(({ atMs, ms = 0, step }) => (step === "consumed" ? [atMs - ms, atMs] : [atMs])),
    ...pushes.map(({ submittedAtMs }) => submittedAtMs),
    ...letters.flatMap(({ errors, trail }) => [...errors, ...trail].map(({ atMs }) => atMs)),
  ];
  // Nobody remembers when: a caller who names the SKU asks its counter's newest movements.
  if (times.length === 0) return { fromMs: 0, toMs: nowMs + BEFORE_MS };
  return { fromMs: Math.min(...times) - BEFORE_MS, toMs: Math.max(...times) + AFTER_MS };
}

type Told = { readonly skuId: SkuId; readonly sku: Sku; readonly movements: readonly Movement[] };

async function movementsOf(
  skuId: SkuId,
  correlationId: CorrelationId,
  { fromMs, toMs }: Span,
  { counters, limits }: TraceDeps,
  asking: Asking,
): Promise<Told | null> {
  const counter = counters.of(skuId);
  const levels = await counter.levels();
  if (levels === null) return null;
  const filter = { correlationId, fromMs, toMs };
  const page = await counter.movements({ beforeSeq: null, limit: limits.movementsMax, filter });
  if (page.nextBeforeSeq !== null) asking.cut.push(`movements of ${levels.sku}: the newest that were looked through`);
  return { skuId, sku: levels.sku, movements: page.movements };
}

async function lettersOf(correlationId: CorrelationId, deps: TraceDeps): Promise<readonly LetterTrace[]> {
  const { letters } = await deps.deadLetters.list({ correlationId, limit: deps.limits.lettersMax });
  return letters;
}
