/** Families by their name in the catalogue, which says the rest. */
import { COUNTERS, type CounterName, type CounterSpec, GAUGES, type GaugeName, type LabelsOf } from "./catalogue.ts";
import type { MetricFamily } from "./metric-family.ts";

type SampleOf<Spec extends CounterSpec> = { readonly value: number; readonly labels: LabelsOf<Spec> };

export const gaugeOf = <Name extends GaugeName>(
  name: Name,
  samples: readonly SampleOf<(typeof GAUGES)[Name]>[],
): MetricFamily => ({ name, type: "gauge", help: GAUGES[name].help, samples });

/** A counter that a table keeps: its rows are the truth, and nobody counts beside them. */
export const counterOf = <Name extends CounterName>(
  name: Name,
  samples: readonly SampleOf<(typeof COUNTERS)[Name]>[],
): MetricFamily => ({ name, type: "counter", help: COUNTERS[name].help, samples });
