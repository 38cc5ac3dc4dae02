/** Circuit breakers: who keeps them, who hears of their changes. */
import type { Pace } from "../domain/breaker/destination.ts";
import type { BreakerChange } from "../domain/breaker/news.ts";
import type { CorrelationId, DestinationName, ShopDomain } from "../domain/ids.ts";
import { consoleLog as log, reasonOf } from "../observability/log.ts";
import type { BreakerNotice } from "../queues/breaker-notice.ts";
import { type BreakersDeps, isolateBreaker, listBreakers, releaseBreaker } from "../services/breakers.ts";
import { type Called, type NotCalled, throughBreaker } from "../services/destination-breaker.ts";
import { reaching } from "../services/unavailable.ts";
import { d1AuditLog } from "../store/d1-audit-log.ts";
import { d1Destinations } from "../store/d1-destinations.ts";
import type { ShopGateStub } from "../store/durable-counters.ts";
import { destinationOf } from "../store/durable-destinations.ts";
import { meterOf } from "./telemetry.ts";

/** In the order in which they happened. Rejects when the queue does not take them. */
export async function sendBreakerNotices(
  env: Env,
  destination: string,
  changes: readonly BreakerChange[],
): Promise<void> {
  await env.NOTIFICATIONS.sendBatch(
    changes.map((change) => ({ body: { v: 1, kind: "breaker", destination, ...change } satisfies BreakerNotice })),
  );
}

/** In log and numbers: once per change, where it happens. */
export function breakerChanged(env: Env, destination: string, { to, reason }: BreakerChange): void {
  const level = to === "open" || to === "isolated" ? "warn" : "info";
  log(level, "breaker.changed", { code: destination, outcome: to, ...(reason === null ? {} : { reason }) });
  meterOf(env).count("onhand_breaker_changed_total", { destination, state: to });
}

export type Operator = { readonly actor: string; readonly correlationId: CorrelationId };

/** It is done already, and must be possible while the database is away: then the log alone tells of it. */
async function audit(
  env: Env,
  action: "breaker.isolated" | "breaker.released",
  subject: DestinationName,
  { actor, correlationId }: Operator,
  detail: Readonly<Record<string, unknown>>,
): Promise<void> {
  log("warn", action, { code: subject, outcome: actor, correlationId });
  try {
    await d1AuditLog(env.DB).append({ atMs: nowMs(), actor, action, subject, correlationId, detail });
  } catch (error) {
    log("error", "audit.not_written", { code: subject, correlationId, reason: reasonOf(error) });
  }
}

/** What the API may do. */
export function breakerServices(
  env: Env,
  shops: () => Promise<ReadonlySet<ShopDomain>>,
  gate: (shop: ShopDomain) => ShopGateStub,
) {
  const deps: BreakersDeps = {
    shops,
    gate,
    names: reaching("breakers", d1Destinations(env.DB)).list,
    destination: (name) => reaching("breakers", destinationOf(env.DESTINATION, name)),
  };
  return {
    list: () => listBreakers(deps),
    async isolate(destination: DestinationName, by: Operator, reason: string) {
      const breaker = await isolateBreaker(destination, by.actor, reason, deps);
      if (breaker !== null) await audit(env, "breaker.isolated", destination, by, { reason });
      return breaker;
    },
    async release(destination: DestinationName, by: Operator) {
      const breaker = await releaseBreaker(destination, deps);
      if (breaker !== null) await audit(env, "breaker.released", destination, by, {});
      return breaker;
    },
  };
}

/** Names that this isolate has noted, or tried to. */
const noted = new WeakMap<object, Set<DestinationName>>();

/**
 * One call to a destination that is no shop, through the breaker that all invocations share. Never rejects.
 * @param call  in bounded time
 * @param pace  how often; null: as often as one likes
 */
export function callDestination<Answer>(
  env: Env,
  ctx: Pick<ExecutionContext, "waitUntil">,
  name: DestinationName,
  call: () => Promise<Called<Answer>>,
  pace: Pace | null = null,
): Promise<Called<Answer> | NotCalled> {
  const known = noted.get(env) ?? new Set();
  noted.set(env, known);
  if (!known.has(name)) {
    known.add(name);
    ctx.waitUntil(noteName(env, name));
  }
  const deps = { destinationOf: (each: DestinationName) => destinationOf(env.DESTINATION, each), log, nowMs };
  return throughBreaker(name, call, deps, pace);
}

/** For the lists alone: the breaker works without it. Another isolate, or the next one, tries again. */
async function noteName(env: Env, name: DestinationName): Promise<void> {
  try {
    await d1Destinations(env.DB).note(name, nowMs());
  } catch (error) {
    noted.get(env)?.delete(name);
    log("warn", "destination.not_noted", { code: name, reason: reasonOf(error) });
  }
}

const nowMs = (): number => Date.now();
