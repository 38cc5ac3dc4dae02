/**
 * All metrics, for a scraper and for the alerts: each source is asked at once and has its own time. One that does not answer
 * leaves out what it would have told, and is told of by name; an absent number is better than a wrong one.
 */
import { gaugeOf } from "../../domain/telemetry/family-of.ts";
import { type MetricFamily, merged } from "../../domain/telemetry/metric-family.ts";
import { type Log, reasonOf } from "../../observability/log.ts";
import { inTime } from "../with-deadline.ts";

export interface MetricSource {
  /** Of few values: "oversells", "queue onhand-events". */
  readonly name: string;
  /** May reject. Two sources may tell of one family: their samples are put together. */
  read(): Promise<readonly MetricFamily[]>;
}

export interface ReadMetricsDeps {
  readonly sources: readonly MetricSource[];
  /** What has not answered by then is left out. */
  readonly msMax: number;
  readonly log: Log;
}

/** Never rejects. */
export async function readMetrics({ sources, msMax, log }: ReadMetricsDeps): Promise<readonly MetricFamily[]> {
  const answers = await Promise.all(
    sources.map(async (source) => {
      try {
        return { source, families: await inTime(msMax, () => source.read()) };
      } catch (error) {
        log("warn", "metrics.source_failed", { code: source.name, reason: reasonOf(error) });
        return { source, families: null };
      }
    }),
  );
  const up = gaugeOf(
    "onhand_metrics_source_up",
    answers.map(({ source, families }) => ({ value: families === null ? 0 : 1, labels: { source: source.name } })),
  );
  return [...merged(answers.flatMap(({ families }) => families ?? [])), up];
}
