/** The journal forgets by age, and by number: a busy shop's week does not fit beside the catalogue and the dead letters. */
import type { JournalStore } from "./journal.ts";

export type PruneLimits = {
  readonly retentionMs: number;
  /** Entries that are kept, however young. */
  readonly keptMax: number;
  /** Of one statement, … */
  readonly rowsMax: number;
  /** … and statements of one turn. */
  readonly turnsMax: number;
};

/** In bounded steps: what is left is forgotten in the next turn. */
export async function pruneJournal(
  store: Pick<JournalStore, "beyond" | "prune">,
  nowMs: number,
  { retentionMs, keptMax, rowsMax, turnsMax }: PruneLimits,
): Promise<void> {
  const beyondMs = await store.beyond(keptMax);
  const beforeMs = Math.max(nowMs - retentionMs, beyondMs === null ? 0 : beyondMs + 1);
  for (let turn = 0; turn < turnsMax; turn += 1) {
    if ((await store.prune(beforeMs, rowsMax)) < rowsMax) return;
  }
}
