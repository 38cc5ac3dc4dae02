/**
 * Metrics in Prometheus' text format, version 0.0.4.
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/
 */
import type { HistogramSample, Labels, MetricFamily } from "../domain/telemetry/metric-family.ts";

export const METRICS_CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** A family without samples is left out: there is nothing to tell of it. */
export function metricsText(families: readonly MetricFamily[]): string {
  const lines = families
    .filter(({ samples }) => samples.length > 0)
    .flatMap((family) => [
      `# HELP ${family.name} ${family.help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")}`,
      `# TYPE ${family.name} ${family.type}`,
      ...samplesOf(family),
    ]);
  return lines.length === 0 ? "" : `${lines.join("\n")}\n`;
}

function samplesOf(family: MetricFamily): readonly string[] {
  const { name } = family;
  if (family.type === "histogram") return family.samples.flatMap((sample) => histogramLines(name, sample));
  return family.samples.map(({ value, labels = {} }) => `${name}${labelsText(labels)} ${value}`);
}

/** Buckets hold what lies between two bounds; the format wants what lies below each. */
function histogramLines(name: string, { labels = {}, buckets, counts, sum }: HistogramSample): readonly string[] {
  let below = 0;
  const bounds = [...buckets.map(String), "+Inf"];
  const lines = bounds.map((le, i) => {
    below += counts[i] ?? 0;
    return `${name}_bucket${labelsText({ ...labels, le })} ${below}`;
  });
  return [...lines, `${name}_sum${labelsText(labels)} ${sum}`, `${name}_count${labelsText(labels)} ${below}`];
}

function labelsText(labels: Labels): string {
  const parts = Object.entries(labels).map(
    ([key, value]) => `${key}="${value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`,
  );
  return parts.length === 0 ? "" : `{${parts.join(",")}}`;
}
