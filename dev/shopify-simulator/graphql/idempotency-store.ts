/**
 * What Shopify remembers of `@idempotent` keys, for 24 hours. The rules, with their evidence:
 * - same key, other variables: IDEMPOTENCY_KEY_PARAMETER_MISMATCH (recorded, API 2026-07)
 * - same key while the first is still running: IDEMPOTENCY_CONCURRENT_REQUEST (documented)
 * - same key after a user error: IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED (documented; that validation errors count is assumed)
 * - same key after success: the original result (documented), but a `changeFromQuantity` that no longer holds is refused
 *   before the replay is looked at (recorded, API 2026-07: the repeat of a successful CAS call answers STALE)
 */
import type { UserErrorRow } from "./user-error.ts";

export const RETENTION_MS = 24 * 3_600_000;
const SWEEP_EVERY = 512;

type KeyRecord<Result> = {
  readonly fingerprint: string;
  readonly firstAtMs: number;
  /** Null after a failure. */
  readonly result: Result | null;
};

export type KeyVerdict<Result> =
  | { readonly kind: "new" }
  | { readonly kind: "replay"; readonly result: Result }
  | { readonly kind: "refused"; readonly userError: UserErrorRow };

export class IdempotencyStore<Result> {
  readonly #now: () => number;
  readonly #remembersFailures: boolean;
  readonly #records = new Map<string, KeyRecord<Result>>();
  readonly #running = new Map<string, number>();
  #writes = 0;

  constructor(now: () => number, remembersFailures: boolean) {
    this.#now = now;
    this.#remembersFailures = remembersFailures;
  }

  /** A request with this key has arrived; it is running until `leave`. */
  enter(key: string): void {
    this.#running.set(key, (this.#running.get(key) ?? 0) + 1);
  }

  leave(key: string): void {
    const count = (this.#running.get(key) ?? 1) - 1;
    if (count === 0) this.#running.delete(key);
    else this.#running.set(key, count);
  }

  /** Decides for a request that has itself entered. @param fingerprint  mutation and variables, canonical */
  judge(key: string, fingerprint: string): KeyVerdict<Result> {
    const record = this.#live(key);
    if (record !== undefined && record.fingerprint !== fingerprint) {
      const message = "The request with this idempotency key has different parameters than the original request.";
      return refused("IDEMPOTENCY_KEY_PARAMETER_MISMATCH", message);
    }
    if (record === undefined && (this.#running.get(key) ?? 0) > 1) {
      return refused("IDEMPOTENCY_CONCURRENT_REQUEST", "This request is currently in progress, please try again.");
    }
    if (record === undefined) return { kind: "new" };
    if (record.result !== null) return { kind: "replay", result: record.result };
    const message = "A previous request with this idempotency key failed. Retry with a new idempotency key.";
    return refused("IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED", message);
  }

  remember(key: string, fingerprint: string, result: Result): void {
    this.#write(key, { fingerprint, firstAtMs: this.#now(), result });
  }

  /** After a user error. Does nothing when the simulator is told to forget failures. */
  rememberFailure(key: string, fingerprint: string): void {
    if (this.#remembersFailures) this.#write(key, { fingerprint, firstAtMs: this.#now(), result: null });
  }

  #live(key: string): KeyRecord<Result> | undefined {
    const record = this.#records.get(key);
    if (record === undefined || this.#now() - record.firstAtMs < RETENTION_MS) return record;
    this.#records.delete(key);
    return undefined;
  }

  #write(key: string, record: KeyRecord<Result>): void {
    this.#records.set(key, record);
    this.#writes += 1;
    if (this.#writes % SWEEP_EVERY !== 0) return;
    for (const old of this.#records.keys()) this.#live(old);
  }
}

function refused(code: string, message: string): KeyVerdict<never> {
  return { kind: "refused", userError: { field: null, code, message } };
}
