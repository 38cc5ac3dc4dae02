/** What a coordinator's desk needs from outside. The object gives it the runtime's; tests their own. */
import type { CoordinatorState } from "../src/domain/reservation/reservation.ts";
import type { Task, TaskAnswer } from "../src/domain/reservation/task.ts";
import type { CoordinatorTiming } from "../src/domain/reservation/wake.ts";
import type { Meter } from "../src/domain/telemetry/meter.ts";
import type { Log } from "../src/observability/log.ts";

export interface CoordinatorStorage {
  /** Null when nothing was ever stored. */
  load(): CoordinatorState | null;
  save(state: CoordinatorState): void;
  /** As if it had never been. */
  clear(): Promise<void>;
  setAlarm(atMs: number): Promise<void>;
}

/** One call to a counter, with a deadline. Never rejects. */
export type AskCounter = (task: Task) => Promise<TaskAnswer>;

export type CoordinatorDeps = {
  readonly storage: CoordinatorStorage;
  readonly timing: CoordinatorTiming;
  /** Counters asked at once. */
  readonly callsMax: number;
  readonly ask: AskCounter;
  /** Answers what would be; the counter writes nothing. */
  readonly tryAsk: AskCounter;
  readonly nowMs: () => number;
  /** Text that no other attempt of this id has. */
  readonly newAttempt: () => string;
  /** Goes on after the answer. */
  readonly beside: (work: Promise<unknown>) => void;
  readonly log: Log;
  readonly meter: Meter;
};
