/** Which alerts fire, for who scrapes: each alert with each severity, so that a rule sees it end. */
import { ALERTS, STEPS } from "../../domain/alerts/alert-table.ts";
import { gaugeOf } from "../../domain/telemetry/family-of.ts";
import type { AlertStore } from "../alerts/alert-store.ts";
import type { MetricSource } from "./read-metrics.ts";

export const alertSource = (store: Pick<AlertStore, "memory">): MetricSource => ({
  name: "alerts",
  async read() {
    const states = (await store.memory())?.states ?? [];
    const samples = ALERTS.flatMap(({ name: alert }) =>
      STEPS.map(({ severity }) => ({
        value: states.some((state) => state.alert === alert && state.severity === severity) ? 1 : 0,
        labels: { alert, severity },
      })),
    );
    return [gaugeOf("onhand_alerts_firing", samples)];
  },
});
