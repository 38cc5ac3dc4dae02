/** How the breaker before Redis stands in this isolate, for whoever reads metrics. */
import type { BreakerStatus } from "../domain/breaker/status.ts";

/** Empty for an environment without Redis. */
export const redisBreakers = new WeakMap<object, () => BreakerStatus>();
