/** The mirror as the services need it: fast, best effort, and never asked to decide a sale. */
import type { BreakerStatus } from "../domain/breaker/status.ts";
import type { Sku } from "../domain/ids.ts";
import type { LevelsView } from "../domain/levels-view.ts";

export type MirrorRead =
  | { readonly kind: "read"; readonly hits: ReadonlyMap<Sku, LevelsView> }
  | { readonly kind: "unavailable"; readonly reason: string }
  /** No credentials: reads go to the counters. */
  | { readonly kind: "disabled" };

export type MirrorWrite =
  | { readonly kind: "written"; readonly written: number; readonly stale: number }
  | { readonly kind: "unavailable"; readonly reason: string }
  | { readonly kind: "disabled" };

export interface Mirror {
  /** Unless newer ones are there already. Never rejects. */
  write(views: readonly LevelsView[]): Promise<MirrorWrite>;
  /** Never rejects. */
  read(skus: readonly Sku[]): Promise<MirrorRead>;
  /**
   * Forget the levels, keep the version that guards them. Never rejects.
   * @param msMax  what is left of the caller's time, where that is less than the mirror's own limit
   */
  invalidate(skus: readonly Sku[], msMax?: number): Promise<void>;
  ping(): Promise<"ok" | "disabled" | "unavailable">;
  /** Of the circuit breaker before Redis, in this isolate; left out where there is none. */
  breaker?(): BreakerStatus;
}
