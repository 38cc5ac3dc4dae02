/**
 * When a gate wakes. Short waits are timers of this life; the alarm is for long ones, and for the case that this life ends
 * (eviction, deploy, crash) while something is under way. Under load it rings every quarter of a minute at most, instead of
 * being written with every call.
 */

/** Longer waits let the object hibernate: a pending timer would keep it, and be billed. */
const TIMER_MS_MAX = 5_000;
/** How soon the next life looks at what was cut off: a fetch gives up after ten seconds. */
const RECOVERY_MS = 15_000;

export type ClockStorage = { setAlarm(atMs: number): Promise<void> };

export class ShopGateClock {
  readonly #storage: ClockStorage;
  readonly #wake: () => void;
  #timer: ReturnType<typeof setTimeout> | null = null;
  /** What this life has set; an alarm of an earlier one may ring sooner, and does no harm. */
  #alarmAtMs: number | null = null;

  constructor(storage: ClockStorage, wake: () => void) {
    this.#storage = storage;
    this.#wake = wake;
  }

  /** @param isBusy  something is under way that the end of this life would cut off */
  schedule(wakeAtMs: number | null, isBusy: boolean, nowMs: number): void {
    const waitMs = wakeAtMs === null ? null : Math.max(0, wakeAtMs - nowMs);
    const isShort = waitMs !== null && waitMs <= TIMER_MS_MAX;
    this.#setTimer(isShort ? waitMs : null);
    const recoveryMs = isBusy || isShort ? nowMs + RECOVERY_MS : null;
    const longMs = isShort ? null : wakeAtMs;
    const neededMs = recoveryMs === null || longMs === null ? (recoveryMs ?? longMs) : Math.min(recoveryMs, longMs);
    if (neededMs === null) return;
    if (this.#alarmAtMs !== null && this.#alarmAtMs > nowMs && this.#alarmAtMs <= neededMs) return;
    this.#alarmAtMs = neededMs;
    void this.#storage.setAlarm(neededMs);
  }

  /** The alarm has rung: none is set now. */
  rang(): void {
    this.#alarmAtMs = null;
  }

  #setTimer(waitMs: number | null): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = waitMs === null ? null : setTimeout(() => this.#ring(), waitMs);
  }

  #ring(): void {
    this.#timer = null;
    this.#wake();
  }
}
