/** The audit log: what people did, and who. It names what changed and never holds a payload. */
import type { CorrelationId } from "../domain/ids.ts";

export type AuditEntry = {
  readonly atMs: number;
  /** As the API knows them: `admin`, or `admin/<X-Client-Id>`. */
  readonly actor: string;
  /** "dead_letter.edited", … */
  readonly action: string;
  /** Id of what it was done to. */
  readonly subject: string;
  readonly correlationId: CorrelationId;
  readonly detail: Readonly<Record<string, unknown>>;
};

export type StoredAuditEntry = AuditEntry & { readonly id: number };

export type AuditFilter = {
  readonly actor?: string | undefined;
  readonly action?: string | undefined;
  readonly subject?: string | undefined;
  readonly correlationId?: string | undefined;
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
  readonly limit: number;
  /** Ids below this: the `next` of the page before. */
  readonly before?: number | undefined;
};

export interface AuditLog {
  append(entry: AuditEntry): Promise<void>;
  /** Newest first. */
  list(filter: AuditFilter): Promise<{ readonly entries: readonly StoredAuditEntry[]; readonly next: number | null }>;
  prune(beforeMs: number): Promise<void>;
}
