/** The leaky bucket of one app at one shop. Filled lazily from the clock; reports whole points, as Shopify does. */
import { CALL_COST_MAX } from "./shopify-errors.ts";

export type ThrottleStatus = {
  readonly maximumAvailable: number;
  readonly currentlyAvailable: number;
  readonly restoreRate: number;
};

export type BucketPlan = {
  readonly maximumPoints: number;
  readonly restorePerSecond: number;
  /** The largest requested cost of one call, where it is to be less than Shopify's. */
  readonly callPointsMax?: number;
};

/** The Standard plan, from 12,942 recorded responses. */
export const STANDARD_PLAN: BucketPlan = { maximumPoints: 2_000, restorePerSecond: 100 };

export class CostBucket {
  #plan: BucketPlan;
  readonly #now: () => number;
  #points: number;
  #filledAtMs: number;

  constructor(plan: BucketPlan, now: () => number) {
    this.#plan = plan;
    this.#now = now;
    this.#points = plan.maximumPoints;
    this.#filledAtMs = now();
  }

  /** Another plan from now on. A smaller bucket spills what it cannot hold. */
  change(plan: BucketPlan): void {
    this.#fill();
    this.#plan = plan;
    this.#points = Math.min(this.#points, plan.maximumPoints);
  }

  /** What one call may ask for, whatever the bucket holds. */
  get callPointsMax(): number {
    return this.#plan.callPointsMax ?? CALL_COST_MAX;
  }

  /** Takes `points`, or takes nothing and says false. */
  take(points: number): boolean {
    this.#fill();
    if (this.#points < points) return false;
    this.#points -= points;
    return true;
  }

  /** Gives back what a call reserved and did not use. */
  refund(points: number): void {
    this.#fill();
    this.#points = Math.min(this.#plan.maximumPoints, this.#points + points);
  }

  status(): ThrottleStatus {
    this.#fill();
    return {
      maximumAvailable: this.#plan.maximumPoints,
      currentlyAvailable: Math.floor(this.#points),
      restoreRate: this.#plan.restorePerSecond,
    };
  }

  #fill(): void {
    const nowMs = this.#now();
    const gained = ((nowMs - this.#filledAtMs) / 1000) * this.#plan.restorePerSecond;
    this.#filledAtMs = nowMs;
    if (gained > 0) this.#points = Math.min(this.#plan.maximumPoints, this.#points + gained);
  }
}
