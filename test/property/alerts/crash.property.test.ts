/** An evaluation that is cut off at any point: everybody hears of the same changes, each under its one id. */
import * as fc from "fast-check";
import { expect, it } from "vitest";
import type { MetricFamily } from "../../../src/domain/telemetry/metric-family.ts";
import { type EvaluateAlertsDeps, evaluateAlerts } from "../../../src/services/alerts/evaluate-alerts.ts";
import { d1Alerts } from "../../../src/store/d1-alerts.ts";
import { SqliteD1 } from "../../support/d1/sqlite-d1.ts";

const MINUTE_MS = 60_000;

type Minute = {
  readonly lagSeconds: number;
  readonly cutOff: "nowhere" | "before it is written" | "before it is queued" | "before that is noted";
};

const lag = (value: number): readonly MetricFamily[] => [
  { name: "onhand_queue_lag_seconds", help: "", type: "gauge", samples: [{ value, labels: { queue: "q" } }] },
];
const cutOff = async (): Promise<never> => {
  throw new Error("cut off");
};

/** @returns the ids of what was queued, in order; what was cut off is tried again in the same minute, by another life */
async function queued(minutes: readonly Minute[]): Promise<readonly string[]> {
  const store = d1Alerts(new SqliteD1().db);
  const ids: string[] = [];
  let writers = 0;
  const depsOf = (lagSeconds: number, more: Partial<EvaluateAlertsDeps>): EvaluateAlertsDeps => ({
    ...{ store, metrics: async () => lag(lagSeconds), gateStatus: cutOff, shops: [], queues: ["q"] },
    ...{ minuteMs: MINUTE_MS, sourceMsMax: 1_000, log: () => {}, newId: () => `${++writers}` },
    send: async (changes) => void ids.push(...changes.map(({ id }) => id)),
    ...more,
  });
  for (const [i, { lagSeconds, cutOff: where }] of minutes.entries()) {
    const nowMs = 10 ** 9 + i * MINUTE_MS;
    const broken: Readonly<Record<Minute["cutOff"], Partial<EvaluateAlertsDeps>>> = {
      nowhere: {},
      "before it is written": { store: { ...store, commit: cutOff } },
      "before it is queued": { send: cutOff },
      "before that is noted": { store: { ...store, noteQueued: cutOff } },
    };
    await evaluateAlerts(depsOf(lagSeconds, broken[where]), nowMs).catch(() => {});
    if (where === "before it is written") await evaluateAlerts(depsOf(lagSeconds, {}), nowMs);
  }
  await evaluateAlerts(depsOf(minutes.at(-1)?.lagSeconds ?? 0, {}), 10 ** 9 + minutes.length * MINUTE_MS);
  return ids;
}

const minute = fc.record({
  lagSeconds: fc.constantFrom(0, 0, 16, 22, 28, 31, 31),
  cutOff: fc.constantFrom(
    "nowhere" as const,
    "before it is written" as const,
    "before it is queued" as const,
    "before that is noted" as const,
  ),
});

it("whatever is cut off, the same changes are told under the same ids, none is lost and none is new", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(minute, { minLength: 4, maxLength: 25 }), async (minutes) => {
      const whole = await queued(minutes.map(({ lagSeconds }) => ({ lagSeconds, cutOff: "nowhere" })));
      expect([...new Set(await queued(minutes))]).toEqual(whole);
    }),
    { numRuns: 40 },
  );
});
