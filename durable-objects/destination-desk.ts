/**
 * What a Destination object does: stores each change of its breaker, says it in log and numbers, and has it told. The rules
 * are in src/domain/breaker/.
 */
import { hastened, isolated, released } from "../src/domain/breaker/breaker.ts";
import {
  type Admission,
  admit,
  type CallReport,
  type DestinationState,
  type Pace,
  type Permit,
  reported,
  revivedDestination,
  withBreaker,
} from "../src/domain/breaker/destination.ts";
import { type BreakerChange, withoutTold } from "../src/domain/breaker/news.ts";
import { DESTINATION_BREAKER as POLICY } from "../src/domain/breaker/policies.ts";
import { type BreakerStatus, statusOf } from "../src/domain/breaker/status.ts";
import type { Log } from "../src/observability/log.ts";
import { BreakerOutbox } from "../src/services/breaker-outbox.ts";
import type { ObjectStorage } from "./object-storage.ts";
import type { SchemaStep } from "./schema.ts";

export const DESTINATION_SCHEMA: readonly SchemaStep[] = [
  { id: 1, sql: "CREATE TABLE note (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID" },
];

/** How soon the next life tells what this one, cut off, has not. */
const RECOVERY_MS = 15_000;

export interface DestinationDeskDeps {
  readonly destination: string;
  readonly storage: ObjectStorage;
  send(changes: readonly BreakerChange[]): Promise<void>;
  /** Once per change, in the life that made it. */
  onChange(change: BreakerChange): void;
  readonly log: Log;
  now(): number;
  random(): number;
}

export class DestinationDesk {
  readonly #deps: DestinationDeskDeps;
  readonly #outbox: BreakerOutbox;
  #state: DestinationState;

  constructor(deps: DestinationDeskDeps) {
    this.#deps = deps;
    const [row] = deps.storage.sql.exec<{ value: string }>("SELECT value FROM note WHERE name = 'state'").toArray();
    const stored = row === undefined ? null : (JSON.parse(row.value) as Partial<DestinationState>);
    this.#state = revivedDestination(stored, deps.now());
    const { destination, send, log, now, random } = deps;
    this.#outbox = new BreakerOutbox({
      ...{ destination, send, log, now, random },
      waiting: () => this.#state.news,
      told: (news) => this.#store({ ...this.#state, news: withoutTold(this.#state.news, news) }),
      afterwards: () => this.look(),
    });
  }

  admit(pace: Pace | null = null): Admission {
    const { state, admission } = admit(this.#state, POLICY, this.#deps.now(), pace);
    this.#become(state);
    return admission;
  }

  report(permit: Permit, report: CallReport): void {
    this.#become(reported(this.#state, permit, report, POLICY, this.#deps.now(), this.#deps.random));
  }

  isolate(by: string, reason: string): BreakerStatus {
    const nowMs = this.#deps.now();
    this.#become(withBreaker(this.#state, isolated(this.#state.breaker, by, reason, nowMs), nowMs));
    return this.status();
  }

  release(): BreakerStatus {
    const nowMs = this.#deps.now();
    const { breaker } = this.#state;
    const freed = breaker.kind === "isolated" ? released(breaker, nowMs) : hastened(breaker, nowMs);
    this.#become({ ...withBreaker(this.#state, freed, nowMs), probeUntilMs: null });
    return this.status();
  }

  status(): BreakerStatus {
    return statusOf(this.#state.breaker, POLICY, this.#deps.now());
  }

  /** Tell what waits to be told; by the alarm, too. */
  look(): void {
    const nowMs = this.#deps.now();
    const nextMs = this.#outbox.kick(nowMs);
    const wakeAtMs = nextMs ?? (this.#outbox.isBusy ? nowMs + RECOVERY_MS : null);
    if (wakeAtMs !== null) void this.#deps.storage.setAlarm(wakeAtMs);
  }

  #become(state: DestinationState): void {
    if (state === this.#state) return;
    const news = state.news.filter((change) => !this.#state.news.includes(change));
    this.#store(state);
    for (const change of news) this.#deps.onChange(change);
    if (news.length > 0) this.look();
  }

  #store(state: DestinationState): void {
    this.#state = state;
    const value = JSON.stringify(state);
    this.#deps.storage.sql.exec("INSERT OR REPLACE INTO note (name, value) VALUES ('state', ?)", value);
  }
}
