/** What code that decides something may tell about it. Whoever is given a meter need not know where the numbers go. */
import type { COUNTERS, CounterName, HISTOGRAMS, HistogramName, LabelsOf } from "./catalogue.ts";

export interface Meter {
  /** @param by  a whole number above 0; 1 if it is not given */
  count<Name extends CounterName>(name: Name, labels: LabelsOf<(typeof COUNTERS)[Name]>, by?: number): void;
  /** @param value  in the histogram's unit; negative ones (clocks differ) count as 0 */
  observe<Name extends HistogramName>(name: Name, labels: LabelsOf<(typeof HISTOGRAMS)[Name]>, value: number): void;
}
