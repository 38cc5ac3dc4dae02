/** Who knows what, for metrics that are read when somebody asks. */
import { destinationOfGate, type ShopDomain } from "../../domain/ids.ts";
import { mismatchRate } from "../../domain/reconcile/run.ts";
import { gaugeOf, tableCounterOf } from "../../domain/telemetry/family-of.ts";
import { queueOfOrigin } from "../../domain/telemetry/queue-label.ts";
import type { GateStatus } from "../gate-contract.ts";
import type { OversellStore } from "../oversells.ts";
import type { RunStore } from "../reconcile/reconcile-deps.ts";
import { breakerGauge } from "./breaker-sources.ts";
import type { MetricSource } from "./read-metrics.ts";

export const oversellSource = (oversells: Pick<OversellStore, "counts">): MetricSource => ({
  name: "oversells",
  async read() {
    const { open, units, unitsEver } = await oversells.counts();
    return [
      gaugeOf("onhand_oversells_open", [{ value: open, labels: {} }]),
      gaugeOf("onhand_oversold_units", [{ value: units, labels: {} }]),
      tableCounterOf("onhand_oversold_units_total", [{ value: unitsEver, labels: {} }]),
    ];
  },
});

/** None for a shop that was never compared. */
export const mismatchSource = (shops: Iterable<ShopDomain>, runs: Pick<RunStore, "list">): MetricSource => ({
  name: "reconciliations",
  async read() {
    const rates = await Promise.all(
      Array.from(shops, async (shop) => {
        const [run] = (await runs.list({ shop, status: "done", limit: 1 })).runs;
        const value = run === undefined ? null : mismatchRate(run.counts);
        return value === null ? [] : [{ value, labels: { shop } }];
      }),
    );
    return [gaugeOf("onhand_reconciliation_mismatch_rate", rates.flat())];
  },
});

/** One source per shop: a gate that does not answer keeps none of the others. */
export const gateSource = (shop: ShopDomain, status: () => Promise<GateStatus>): MetricSource => ({
  name: `gate ${shop}`,
  async read() {
    const { queued, sending, breaker } = await status();
    const waiting = gaugeOf("onhand_gate_pushes_waiting", [{ value: queued + sending, labels: { shop } }]);
    return breaker === undefined ? [waiting] : [waiting, breakerGauge(destinationOfGate(shop), breaker.state)];
  },
});

export type DeadLetterCount = { readonly origin: string; readonly code: string; readonly letters: number };

/**
 * A queue without a waiting letter is told, too, as 0: so that its first one is seen as growth.
 * @param queues  that have a dead-letter queue
 */
export const deadLetterSource = (
  queues: readonly string[],
  counts: () => Promise<readonly DeadLetterCount[]>,
): MetricSource => ({
  name: "dead letters",
  async read() {
    const waiting = await counts();
    const told = waiting.map(({ origin, code, letters }) => ({
      value: letters,
      labels: { queue: queueOfOrigin(origin), code },
    }));
    const full = new Set(told.map(({ labels }) => labels.queue));
    const empty = queues
      .filter((queue) => !full.has(queue))
      .map((queue) => ({ value: 0, labels: { queue, code: "" } }));
    return [gaugeOf("onhand_dead_letters_waiting", [...told, ...empty])];
  },
});
