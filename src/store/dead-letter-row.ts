/** A dead letter's row, as SQL gives it, and what it stands for. */
import { fromStore, type ShopDomain } from "../domain/ids.ts";
import type {
  DeadLetterError,
  DeadLetterOrigin,
  DeadLetterStatus,
  DeadLetterSummary,
  StoredDeadLetter,
  TrailEntry,
} from "../services/dead-letters.ts";
import { gunzipJson } from "./gzip-json.ts";

export type LetterRow = {
  id: string;
  status: string;
  origin: string;
  topic: string;
  shop: string | null;
  correlation_id: string;
  event_id: string;
  subject: string | null;
  errors: string;
  attempts: number;
  deaths: number;
  replays: number;
  truncated: number;
  received_bytes: number | null;
  received_sha256: string | null;
  occurred_at_ms: number;
  created_at_ms: number;
  updated_at_ms: number;
  replayed_at_ms: number | null;
  died_at_ms: number;
  version: number;
  trail: string;
  is_edited: number;
  is_free_form: number;
  outlined_at_ms: number | null;
  auto_due_at_ms: number | null;
};

export type WholeRow = LetterRow & { payload: ArrayBuffer | number[]; original: ArrayBuffer | number[] | null };

const columns = [
  ...[
    "id",
    "status",
    "origin",
    "topic",
    "shop",
    "correlation_id",
    "event_id",
    "subject",
    "errors",
    "attempts",
    "deaths",
  ],
  ...["replays", "truncated", "received_bytes", "received_sha256", "occurred_at_ms", "created_at_ms", "updated_at_ms"],
  ...["replayed_at_ms", "died_at_ms", "version", "trail", "is_free_form", "outlined_at_ms", "auto_due_at_ms"],
];

/** @param alias  of the table in the statement */
export const summaryColumns = (alias = "dead_letters"): string =>
  `${columns.map((column) => `${alias}.${column}`).join(", ")}, ${alias}.original IS NOT NULL AS is_edited`;

export function toSummary(row: LetterRow): DeadLetterSummary {
  const { received_bytes: bytes, received_sha256: sha256 } = row;
  return {
    id: row.id,
    status: row.status as DeadLetterStatus,
    version: row.version,
    origin: row.origin as DeadLetterOrigin,
    topic: row.topic,
    shop: row.shop === null ? null : fromStore<ShopDomain>(row.shop),
    correlationId: fromStore(row.correlation_id),
    eventId: row.event_id,
    subject: row.subject,
    errors: JSON.parse(row.errors) as readonly DeadLetterError[],
    attempts: row.attempts,
    isFreeForm: row.is_free_form === 1,
    truncated: row.truncated === 1,
    received: bytes === null || sha256 === null ? null : { bytes, sha256 },
    occurredAtMs: row.occurred_at_ms,
    deaths: row.deaths,
    replays: row.replays,
    createdAtMs: row.created_at_ms,
    updatedAtMs: row.updated_at_ms,
    replayedAtMs: row.replayed_at_ms,
    diedAtMs: row.died_at_ms,
    trail: JSON.parse(row.trail) as readonly TrailEntry[],
    isEdited: row.is_edited === 1,
    outlinedAtMs: row.outlined_at_ms,
    replayDueAtMs: row.status === "waiting" ? row.auto_due_at_ms : null,
  };
}

export async function toStored(row: WholeRow): Promise<StoredDeadLetter> {
  const original = row.original === null ? null : await gunzipJson(row.original);
  return { ...toSummary(row), payload: await gunzipJson(row.payload), original };
}
