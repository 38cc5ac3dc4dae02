/** What alerts remember, and where. */
import type { AlertName, ThresholdOverride } from "../../domain/alerts/alert-table.ts";
import type { AlertChange, AlertState } from "../../domain/alerts/evaluate.ts";
import type { Sample } from "../../domain/alerts/sample.ts";
import type { TopicHistory } from "../../domain/alerts/topic-history.ts";
import type { AuditEntry } from "../audit.ts";

export type AlertMemory = {
  readonly evaluatedAtMs: number;
  readonly samples: readonly Sample[];
  readonly topics: readonly TopicHistory[];
  readonly states: readonly AlertState[];
};

/** What reconciliations found of a shop within a time; null: none ended in it. */
export type ReconciledFacts = {
  readonly compared: { readonly levels: number; readonly mismatches: number } | null;
  readonly subscriptions: { readonly missing: number; readonly mended: number } | null;
};

export interface AlertStore {
  /** Null: nothing was ever evaluated. */
  memory(): Promise<AlertMemory | null>;
  /**
   * Memory and changes in one transaction. @param before  `evaluatedAtMs` of the memory that was read; null: there was none
   * @returns false: another evaluation was first, and nothing was written
   */
  commit(before: number | null, next: AlertMemory, changes: readonly AlertChange[], writer: string): Promise<boolean>;
  overrides(): Promise<readonly ThresholdOverride[]>;
  /** With its line of the audit log, as the next one. */
  putOverride(override: ThresholdOverride, audit: AuditEntry): Promise<void>;
  /** @returns false: there was none, and nothing is said of it */
  deleteOverride(alert: AlertName, audit: AuditEntry): Promise<boolean>;
  /** Newest first. */
  changes(limit: number): Promise<readonly AlertChange[]>;
  /** Oldest first. */
  unqueued(limit: number): Promise<readonly AlertChange[]>;
  noteQueued(ids: readonly string[], atMs: number): Promise<void>;
  /** Destinations that know of this change. */
  told(changeId: string): Promise<ReadonlySet<string>>;
  noteTold(changeId: string, destination: string, atMs: number): Promise<void>;
  reconciled(shop: string, sinceMs: number): Promise<ReconciledFacts>;
  prune(beforeMs: number): Promise<void>;
}
