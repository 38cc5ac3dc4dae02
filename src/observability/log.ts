/**
 * Structured logs: one JSON line per decision. The event's name is the metric's name. Fields are an allow-list, by type and
 * at run time (redact.ts): what is not named here cannot be logged by accident, so no body, header, token or address ever is.
 */
import type { LogEvent, LogLevel } from "./log-events.ts";
import { redacted } from "./redact.ts";

export type LogFields = {
  readonly correlationId?: string;
  readonly shop?: string;
  readonly topic?: string;
  readonly queue?: string;
  readonly sku?: string;
  readonly skuId?: string;
  readonly listingId?: string;
  readonly locationId?: string;
  readonly deadLetterId?: string;
  readonly eventId?: string;
  readonly pushKey?: string;
  readonly callKey?: string;
  readonly reason?: string;
  readonly code?: string;
  readonly outcome?: string;
  readonly status?: number;
  readonly attempts?: number;
  readonly delaySeconds?: number;
  readonly ms?: number;
  /** From receipt to done, of a batch's oldest message. */
  readonly lagMs?: number;
  /** From send to the start of its handler, of a batch's oldest message: the queue's own share. */
  readonly queuedMs?: number;
  readonly units?: number;
  readonly version?: number;
  /** Counts of a batch, by outcome: one line per batch, never one per event. */
  readonly counts?: Readonly<Record<string, number>>;
};

/** What there is to say stands in one table: log-events.ts. */
export type Log = (level: LogLevel, event: LogEvent, fields?: LogFields) => void;

export const consoleLog: Log = (level, event, fields = {}) => {
  console[level](JSON.stringify({ level, event, ...redacted(fields) }));
};

/** Say what went wrong without a stack or an argument in it; at most a line. */
export function reasonOf(error: unknown): string {
  // Of a text that is not JSON, the runtime's message quotes a piece.
  if (error instanceof SyntaxError) return error.name;
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return message.split("\n", 1)[0]?.slice(0, 300) ?? "unknown";
}
