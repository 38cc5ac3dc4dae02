/**
 * POST /admin/api/<version>/graphql.json: the token, then the fate of the call. A fate decides whether and when the call
 * takes effect and what the client hears of it; the endpoint itself knows nothing of faults.
 */
import { randomUUID } from "node:crypto";
import type { ServerResponse } from "node:http";
import { type CallFate, decideFate } from "../faults/call-fate.ts";
import type { GraphqlFaults } from "../faults/faults.ts";
import { API_VERSION } from "../graphql/admin-schema.ts";
import type { View } from "../graphql/call-context.ts";
import type { CallReading, GraphqlCall, GraphqlEndpoint } from "../graphql/graphql-endpoint.ts";
import type { IdempotencyStore } from "../graphql/idempotency-store.ts";
import { internalError } from "../graphql/shopify-errors.ts";
import type { PendingWork } from "../model/pending-work.ts";
import type { SeededRandom } from "../model/seeded-random.ts";
import { httpErrorAnswer } from "./http-error-answer.ts";
import { type HttpAnswer, sendAnswer } from "./http-io.ts";
import type { TokenDesk } from "./token-desk.ts";

export type GraphqlRouteDeps = {
  readonly endpoint: GraphqlEndpoint;
  readonly tokens: TokenDesk;
  readonly keys: IdempotencyStore<View>;
  readonly random: SeededRandom;
  readonly pending: PendingWork;
  readonly faults: () => GraphqlFaults;
};

export type FateCounts = Record<CallFate["kind"], number>;

export class GraphqlRoute {
  readonly #deps: GraphqlRouteDeps;
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #planned = { mutation: [] as CallFate[], query: [] as CallFate[] };
  readonly fates: FateCounts = {
    normal: 0,
    http_error: 0,
    internal_error: 0,
    throttled: 0,
    lost_response: 0,
    timeout_after_apply: 0,
    lost_request: 0,
    late_request: 0,
    user_error: 0,
  };

  constructor(deps: GraphqlRouteDeps) {
    this.#deps = deps;
  }

  /** Fixes the fates of the next calls of a kind, in order: a test that needs exactly this fault, now, says so. */
  planNext(kind: "mutation" | "query", fates: readonly CallFate[]): void {
    this.#planned[kind].push(...fates);
  }

  close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
  }

  /** Answers one request. @param token  the X-Shopify-Access-Token header, empty when missing */
  async answer(version: string, token: string, body: string, response: ServerResponse): Promise<void> {
    if (!isServedVersion(version)) {
      sendAnswer(response, { status: 404, body: { errors: "Not Found" } });
      return;
    }
    if (!this.#deps.tokens.isValid(token)) {
      const errors = "[API] Invalid API key or access token (unrecognized login or wrong password)";
      sendAnswer(response, { status: 401, body: { errors } });
      return;
    }
    const reading = this.#deps.endpoint.read(body);
    const isMutation = reading.kind === "call" && reading.call.isMutation;
    const planned = this.#planned[isMutation ? "mutation" : "query"].shift();
    const fate = planned ?? this.#fateOf(body, isMutation);
    this.fates[fate.kind] += 1;
    if (fate.kind === "late_request") {
      this.#applyLater(reading, fate.afterMs);
      response.destroy();
      return;
    }
    const keys = reading.kind === "call" ? reading.call.keys : [];
    for (const key of keys) this.#deps.keys.enter(key);
    const latencyMs = this.#latencyMs();
    await this.#sleep(latencyMs / 2);
    const answer = this.#effect(reading, fate);
    for (const key of keys) this.#deps.keys.leave(key);
    await this.#sleep(latencyMs / 2);
    if (answer === "silence") return;
    if (answer === "hang_up") response.destroy();
    else sendAnswer(response, { ...answer, headers: { ...shopifyHeaders(), ...answer.headers } });
  }

  #fateOf(body: string, isMutation: boolean): CallFate {
    const faults = this.#deps.faults();
    if (faults.failsAbout !== null && body.includes(faults.failsAbout))
      return { kind: "http_error", status: 500, isApplied: false };
    return decideFate(faults, this.#deps.random, isMutation);
  }

  /** Lets the call take effect, or not, and says what the client gets. */
  #effect(reading: CallReading, fate: CallFate): HttpAnswer | "hang_up" | "silence" {
    switch (fate.kind) {
      case "http_error":
        if (fate.isApplied) this.#run(reading);
        return httpErrorAnswer(fate.status);
      case "internal_error":
        if (fate.isApplied) this.#run(reading);
        return { status: 200, body: { errors: [internalError(randomUUID())] } };
      case "lost_request":
        return "hang_up";
      case "lost_response":
        this.#run(reading);
        return "hang_up";
      case "timeout_after_apply":
        this.#run(reading);
        return "silence";
      case "throttled":
        return this.#run(reading, { isForcedThrottle: true, forcedUserError: null });
      case "user_error":
        return this.#run(reading, { isForcedThrottle: false, forcedUserError: fate.code });
      case "normal":
      case "late_request":
        return this.#run(reading);
    }
  }

  #run(
    reading: CallReading,
    switches = { isForcedThrottle: false, forcedUserError: null as string | null },
  ): HttpAnswer {
    if (reading.kind === "refused") return { status: reading.status, body: reading.body };
    return { status: 200, body: this.#deps.endpoint.run(reading.call, switches) };
  }

  #applyLater(reading: CallReading, afterMs: number): void {
    if (reading.kind === "refused") return;
    this.#deps.pending.begin();
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#applyNow(reading.call);
      this.#deps.pending.end();
    }, afterMs);
    this.#timers.add(timer);
  }

  #applyNow(call: GraphqlCall): void {
    for (const key of call.keys) this.#deps.keys.enter(key);
    this.#deps.endpoint.run(call, { isForcedThrottle: false, forcedUserError: null });
    for (const key of call.keys) this.#deps.keys.leave(key);
  }

  #latencyMs(): number {
    const [low, high] = this.#deps.faults().latencyMs;
    return high === 0 ? 0 : this.#deps.random.between(low, high);
  }

  #sleep(delayMs: number): Promise<void> | undefined {
    if (delayMs === 0) return undefined;
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#timers.delete(timer);
        resolve();
      }, delayMs);
      this.#timers.add(timer);
    });
  }
}

function shopifyHeaders(): Record<string, string> {
  return { "X-Request-Id": randomUUID(), "X-Shopify-API-Version": API_VERSION };
}

/**
 * Shopify serves an outdated version with the oldest one it still supports, and knows nothing of versions to come. The
 * simulator has one schema, so whatever it serves it serves as 2026-10 and says so in X-Shopify-API-Version.
 */
function isServedVersion(version: string): boolean {
  return version === "unstable" || (/^20\d\d-(01|04|07|10)$/.test(version) && version <= API_VERSION);
}
