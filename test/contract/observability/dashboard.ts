/** The dashboard as Grafana reads it: only what its tests look at. */
import { readFileSync } from "node:fs";
import { ROOT } from "../config/read-toml.ts";

export type Place = { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
export type Datasource = { readonly type: string; readonly uid: string };
export type Target = {
  readonly refId: string;
  readonly expr: string;
  readonly legendFormat?: string;
  readonly datasource: Datasource;
};
export type Panel = {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: Place;
  readonly datasource?: Datasource;
  /** The shortest step. */
  readonly interval?: string;
  readonly targets?: readonly Target[];
  readonly fieldConfig?: {
    readonly defaults: {
      readonly unit?: string;
      readonly mappings?: readonly unknown[];
      readonly thresholds?: Thresholds;
      readonly custom?: { readonly drawStyle?: string };
    };
  };
};
export type Thresholds = { readonly steps: readonly { readonly color: string; readonly value: number | null }[] };
export type Variable = { readonly name: string; readonly type: string; readonly definition?: string };
export type Dashboard = {
  readonly uid: string;
  readonly schemaVersion: number;
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly Variable[] };
  readonly annotations: { readonly list: readonly { readonly name: string; readonly expr?: string }[] };
  readonly __requires: readonly { readonly type: string; readonly id: string }[];
};

export const dashboard = JSON.parse(
  readFileSync(`${ROOT}/docs/observability/grafana-dashboard.json`, "utf8"),
) as Dashboard;

export const graphs = dashboard.panels.filter(({ type }) => type !== "row");

/** Every expression with the panel that it belongs to, as "Lag A". */
export const queries: readonly { readonly where: string; readonly expr: string; readonly legend: string }[] = [
  ...graphs.flatMap(({ title, targets = [] }) =>
    targets.map(({ refId, expr, legendFormat = "" }) => ({ where: `${title} ${refId}`, expr, legend: legendFormat })),
  ),
  ...dashboard.annotations.list.flatMap(({ name, expr }) =>
    expr === undefined ? [] : [{ where: `annotation ${name}`, expr, legend: "" }],
  ),
];
