/** What a simulator can be told at its start. Everything has a default that suits a test. */
import type { FaultsInput } from "./faults/faults.ts";
import { DEFAULT_SCOPES } from "./graphql/access-scopes.ts";
import { type BucketPlan, STANDARD_PLAN } from "./graphql/cost-bucket.ts";
import { derivedSecret } from "./http/token-desk.ts";
import { type CourierOptions, DEFAULT_COURIER_OPTIONS } from "./webhooks/courier.ts";

export type SimulatorOptions = {
  /** A free port by default. The server binds 127.0.0.1 and nothing else. */
  readonly port?: number;
  readonly shop?: string;
  readonly clientId?: string;
  /** Signs the webhooks too. */
  readonly clientSecret?: string;
  /** A token without term, for tools and for the control API. */
  readonly accessToken?: string;
  readonly scopes?: readonly string[];
  /** Seeds ids, people, routing of chance and every fault. */
  readonly seed?: number;
  /** Clock of all stamps, terms and of the cost bucket. Waiting is done in real time. */
  readonly now?: () => number;
  readonly plan?: BucketPlan;
  /** Window in which changes of one level are merged into one webhook. */
  readonly levelWindowMs?: number;
  readonly courier?: Partial<CourierOptions>;
  /** How long a bulk operation stays CREATED, and again RUNNING. */
  readonly bulkDelayMs?: number;
  /** A call that ended in user errors marks its idempotency key as failed. Assumed of the real shop; see the README. */
  readonly remembersFailedAttempts?: boolean;
  /** Tell `quantityAfterChange`, which the real shop left null in every recording. */
  readonly tellsQuantityAfterChange?: boolean;
  /** Take subscriptions to http://127.0.0.1, which the real shop refuses. */
  readonly allowsLoopbackHttp?: boolean;
  /** Stock changes that are remembered. */
  readonly logEntriesMax?: number;
  readonly faults?: FaultsInput;
};

export type ResolvedOptions = Required<Omit<SimulatorOptions, "courier">> & { readonly courier: CourierOptions };

export function resolveOptions(options: SimulatorOptions): ResolvedOptions {
  const seed = options.seed ?? 1;
  return {
    port: options.port ?? 0,
    shop: options.shop ?? "onhand-dev.myshopify.com",
    clientId: options.clientId ?? derivedSecret("", seed, "client id"),
    clientSecret: options.clientSecret ?? derivedSecret("shpss_", seed, "client secret"),
    accessToken: options.accessToken ?? derivedSecret("shpat_", seed, "access token"),
    scopes: options.scopes ?? DEFAULT_SCOPES,
    seed,
    now: options.now ?? Date.now,
    plan: options.plan ?? STANDARD_PLAN,
    levelWindowMs: options.levelWindowMs ?? 100,
    courier: { ...DEFAULT_COURIER_OPTIONS, ...options.courier },
    bulkDelayMs: options.bulkDelayMs ?? 20,
    remembersFailedAttempts: options.remembersFailedAttempts ?? true,
    tellsQuantityAfterChange: options.tellsQuantityAfterChange ?? false,
    allowsLoopbackHttp: options.allowsLoopbackHttp ?? true,
    logEntriesMax: options.logEntriesMax ?? 200_000,
    faults: options.faults ?? {},
  };
}
