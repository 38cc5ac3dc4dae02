/** Families by their name in the catalogue, which says the rest. */
import { type CounterSpec, GAUGES, type GaugeName, type LabelsOf, TABLE_COUNTERS } from "./catalogue.ts";
import type { MetricFamily } from "./metric-family.ts";

type SampleOf<Spec extends CounterSpec> = { readonly value: number; readonly labels: LabelsOf<Spec> };

export const gaugeOf = <Name extends GaugeName>(
  name: Name,
  samples: readonly SampleOf<(typeof GAUGES)[Name]>[],
): MetricFamily => ({ name, type: "gauge", help: GAUGES[name].help, samples });

export const tableCounterOf = <Name extends keyof typeof TABLE_COUNTERS>(
  name: Name,
  samples: readonly SampleOf<(typeof TABLE_COUNTERS)[Name]>[],
): MetricFamily => ({ name, type: "counter", help: TABLE_COUNTERS[name].help, samples });
