/**
 * The journal as an isolate writes it. A batch's entries are written at once, in one insert, with all that waits; those
 * of single requests wait a moment for each other. While D1 is away nothing asks it but one write in a while: entries
 * wait in memory, the oldest making room for the newest, and each one dropped is counted.
 */
import type { JournalEntry, StoredEntry } from "../domain/journal/entry.ts";
import type { Journal, JournalStore } from "../services/journal.ts";

export type JournalPolicy = {
  /** How long a request's entries wait for others. */
  readonly gatherMs: number;
  /** Entries that may wait. */
  readonly waitingMax: number;
  /** Rows of one insert. */
  readonly rowsMax: number;
  /** Failed writes in a row after which D1 is left alone … */
  readonly faultsMax: number;
  /** … for this long. */
  readonly restMs: number;
};

export interface JournalDeps {
  readonly store: Pick<JournalStore, "put">;
  /** Told with the next write that was tried: how many were dropped before it. */
  dropped(entries: number): void;
  fault(error: unknown): void;
  nowMs(): number;
  wait(ms: number): Promise<unknown>;
  /** Unique to the isolate. */
  readonly isolateId: string;
}

export function gatheringJournal(policy: JournalPolicy, deps: JournalDeps): Journal {
  // Added to in place: thousands of requests a second leave one each, and a copy of all that waits would be made for each.
  let waiting: StoredEntry[] = [];
  let dropped = 0;
  let serial = 0;
  let faults = 0;
  let restsUntilMs = 0;
  // A time and not a flag: an invocation that is cut off cannot say that it gathers no more.
  let gathersUntilMs = 0;

  const makeRoom = (): void => {
    const over = waiting.length - policy.waitingMax;
    if (over <= 0) return;
    waiting.splice(0, over);
    dropped += over;
  };
  const tellDropped = (): void => {
    if (dropped > 0) deps.dropped(dropped);
    dropped = 0;
  };
  const take = (entries: readonly JournalEntry[]): void => {
    for (const entry of entries) {
      serial += 1;
      waiting.push({ ...entry, key: `${deps.isolateId}${serial.toString(36).padStart(6, "0")}` });
    }
    makeRoom();
  };
  const write = async (): Promise<void> => {
    while (waiting.length > 0 && deps.nowMs() >= restsUntilMs) {
      const rows = waiting.splice(0, policy.rowsMax);
      try {
        await deps.store.put(rows);
        faults = 0;
      } catch (error) {
        faults += 1;
        if (faults >= policy.faultsMax) restsUntilMs = deps.nowMs() + policy.restMs;
        deps.fault(error);
        waiting = [...rows, ...waiting];
        makeRoom();
        return;
      } finally {
        tellDropped();
      }
    }
  };
  return {
    async append(entries) {
      take(entries);
      await write();
    },
    leave: take,
    async gather(entries) {
      take(entries);
      if (waiting.length === 0 || deps.nowMs() < gathersUntilMs) return;
      gathersUntilMs = deps.nowMs() + 2 * policy.gatherMs;
      await deps.wait(policy.gatherMs);
      gathersUntilMs = 0; // from here on whoever comes gathers anew: what it brings is in no insert of ours
      await write();
    },
  };
}
