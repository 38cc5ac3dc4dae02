/** States of circuit breakers as numbers. (A shop's comes with the other numbers of its gate.) */
import type { BreakerState } from "../../domain/breaker/breaker.ts";
import type { BreakerStatus } from "../../domain/breaker/status.ts";
import type { DestinationName } from "../../domain/ids.ts";
import { gaugeOf } from "../../domain/telemetry/family-of.ts";
import type { MetricFamily } from "../../domain/telemetry/metric-family.ts";
import type { DestinationStub } from "../destination-contract.ts";
import type { MetricSource } from "./read-metrics.ts";

const NUMBERS: Readonly<Record<BreakerState, number>> = { closed: 0, half_open: 1, open: 2, isolated: 3 };

export const breakerGauge = (destination: string, state: BreakerState): MetricFamily =>
  gaugeOf("onhand_breaker_state", [{ value: NUMBERS[state], labels: { destination } }]);

/** Of the isolate that is asked: each has its own. */
export const redisSource = (breaker: () => BreakerStatus): MetricSource => ({
  name: "redis breaker",
  read: async () => [breakerGauge("redis", breaker().state)],
});

/** Destinations other than shops. One whose object does not answer leaves itself out. */
export const destinationsSource = (
  names: () => Promise<readonly DestinationName[]>,
  stub: (name: DestinationName) => Pick<DestinationStub, "status">,
): MetricSource => ({
  name: "destinations",
  async read() {
    const states = await Promise.allSettled(
      (await names()).map(async (name) => breakerGauge(name, (await stub(name).status()).state)),
    );
    return states.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
  },
});
