/** Destinations of notifications in D1, with their sealed secrets. */
import type { D1Database } from "@cloudflare/workers-types";
import type { DestinationDraft, NotifyDestinationStore } from "../services/notifications/notification-store.ts";
import { auditStatement } from "./d1-audit-log.ts";
import { type DestinationRow, destinationOf } from "./notification-row.ts";

type SealedRow = { ciphertext: ArrayBuffer; iv: ArrayBuffer };

const sealedOf = ({ ciphertext, iv }: SealedRow) => ({
  ciphertext: new Uint8Array(ciphertext),
  iv: new Uint8Array(iv),
});

const INSERT = `INSERT INTO notify_destinations
  (id, type, name, address, filter, digest_minutes, quiet_hours, state, state_reason, state_at_ms, failing_since_ms, failures, created_at_ms, updated_at_ms)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'enabled', NULL, ?8, NULL, 0, ?8, ?8)`;
const CREATE = `${INSERT} ON CONFLICT (id) DO NOTHING RETURNING *`;
const PUT = `${INSERT} ON CONFLICT (id) DO UPDATE SET name = excluded.name, address = excluded.address, filter = excluded.filter,
    digest_minutes = excluded.digest_minutes, quiet_hours = excluded.quiet_hours, updated_at_ms = excluded.updated_at_ms RETURNING *`;
/** With a destination that is not there yet, if it has one. */
const FIRST_SECRET = `INSERT INTO notify_secrets (destination, name, version, ciphertext, iv, created_at_ms, retires_at_ms)
  SELECT ?1, ?2, 1, ?3, ?4, ?5, NULL WHERE ?2 IS NOT NULL AND NOT EXISTS (SELECT 1 FROM notify_destinations WHERE id = ?1)`;
const ADD_SECRET = `INSERT INTO notify_secrets (destination, name, version, ciphertext, iv, created_at_ms, retires_at_ms)
  VALUES (?1, ?2, COALESCE((SELECT MAX(version) FROM notify_secrets WHERE destination = ?1 AND name = ?2), 0) + 1, ?3, ?4, ?5, NULL)`;
/** Two at most: the one before the newest while it lasts. */
const RETIRE = `UPDATE notify_secrets SET retires_at_ms = ?3
  WHERE destination = ?1 AND name = ?2 AND version < (SELECT MAX(version) FROM notify_secrets WHERE destination = ?1 AND name = ?2)`;
const FORGET = `DELETE FROM notify_secrets
  WHERE destination = ?1 AND name = ?2 AND version < (SELECT MAX(version) FROM notify_secrets WHERE destination = ?1 AND name = ?2) - 1`;

export function d1NotifyDestinations(db: D1Database): NotifyDestinationStore {
  const secretStatements = secretStatementsOn(db);
  return {
    ...secretMethods(db),
    async list() {
      const { results } = await db.prepare("SELECT * FROM notify_destinations ORDER BY id").all<DestinationRow>();
      return results.map(destinationOf);
    },
    async get(id) {
      const row = await db.prepare("SELECT * FROM notify_destinations WHERE id = ?").bind(id).first<DestinationRow>();
      return row === null ? null : destinationOf(row);
    },
    async create(draft, secret, audit, nowMs) {
      const { id } = draft;
      const isFree = "NOT EXISTS (SELECT 1 FROM notify_destinations WHERE id = ?)";
      const { name = null, sealed = null } = secret ?? {};
      const [, , created] = await db.batch<DestinationRow>([
        auditStatement(db, audit, isFree, [id]),
        db.prepare(FIRST_SECRET).bind(id, name, sealed?.ciphertext ?? null, sealed?.iv ?? null, nowMs),
        db.prepare(CREATE).bind(...valuesOf(draft, nowMs)),
      ]);
      const [row] = created?.results ?? [];
      return row === undefined ? null : destinationOf(row);
    },
    async put(draft, secret, audit, nowMs) {
      const [, written] = await db.batch<DestinationRow>([
        auditStatement(db, audit),
        db.prepare(PUT).bind(...valuesOf(draft, nowMs)),
        ...(secret === null ? [] : secretStatements(draft.id, secret.name, secret.sealed, 0, nowMs)),
      ]);
      const [row] = written?.results ?? [];
      if (row === undefined) throw new Error("a destination was put and is not there");
      return destinationOf(row);
    },
    async remove(id, audit, nowMs) {
      const giveUp = `UPDATE deliveries SET state = 'given_up', settled_at_ms = ? WHERE destination_id = ? AND state IN ('waiting', 'held', 'in_digest')`;
      const [, , , removed] = await db.batch<{ id: string }>([
        auditStatement(db, audit, "EXISTS (SELECT 1 FROM notify_destinations WHERE id = ?)", [id]),
        db.prepare(giveUp).bind(nowMs, id),
        db.prepare("DELETE FROM notify_secrets WHERE destination = ?").bind(id),
        db.prepare("DELETE FROM notify_destinations WHERE id = ? RETURNING id").bind(id),
      ]);
      return removed?.results.length === 1;
    },
    async enable(id, audit, nowMs) {
      const set = `UPDATE notify_destinations SET state = 'enabled', state_reason = NULL, state_at_ms = ?2, failing_since_ms = NULL,
        failures = 0, updated_at_ms = ?2 WHERE id = ?1 RETURNING *`;
      const [, updated] = await db.batch<DestinationRow>([
        auditStatement(db, audit, "EXISTS (SELECT 1 FROM notify_destinations WHERE id = ?)", [id]),
        db.prepare(set).bind(id, nowMs),
      ]);
      const [row] = updated?.results ?? [];
      return row === undefined ? null : destinationOf(row);
    },
  };
}

function valuesOf(draft: DestinationDraft, nowMs: number): readonly (string | number | null)[] {
  const { id, type, name, address, filter, digestMinutes, quietHours } = draft;
  const quiet = quietHours === null ? null : JSON.stringify(quietHours);
  return [id, type, name, address, JSON.stringify(filter), digestMinutes, quiet, nowMs];
}

const secretStatementsOn =
  (db: D1Database) =>
  (
    id: string,
    name: string,
    sealed: { readonly ciphertext: Uint8Array; readonly iv: Uint8Array },
    keepOldUntilMs: number,
    nowMs: number,
  ) => [
    db.prepare(ADD_SECRET).bind(id, name, sealed.ciphertext, sealed.iv, nowMs),
    db.prepare(RETIRE).bind(id, name, keepOldUntilMs),
    db.prepare(FORGET).bind(id, name),
  ];

type SecretMethods = "secrets" | "sealed" | "reseal" | "addSecret";

function secretMethods(db: D1Database): Pick<NotifyDestinationStore, SecretMethods> {
  const secretStatements = secretStatementsOn(db);
  return {
    async secrets(id, name, nowMs) {
      const { results } = await db
        .prepare(
          `SELECT ciphertext, iv FROM notify_secrets WHERE destination = ? AND name = ?
           AND (retires_at_ms IS NULL OR retires_at_ms > ?) ORDER BY version DESC`,
        )
        .bind(id, name, nowMs)
        .all<SealedRow>();
      return results.map(sealedOf);
    },
    async sealed() {
      const { results } = await db
        .prepare(
          "SELECT destination, name, version, ciphertext, iv FROM notify_secrets ORDER BY destination, name, version",
        )
        .all<SealedRow & { destination: string; name: string; version: number }>();
      return results.map(({ destination, name, version, ...row }) => ({
        ...{ destinationId: destination, name, version },
        sealed: sealedOf(row),
      }));
    },
    async reseal({ destinationId, name, version, sealed: was }, { ciphertext, iv }) {
      await db
        .prepare(
          "UPDATE notify_secrets SET ciphertext = ?, iv = ? WHERE destination = ? AND name = ? AND version = ? AND iv = ?",
        )
        .bind(ciphertext, iv, destinationId, name, version, was.iv)
        .run();
    },
    async addSecret(id, name, sealed, keepOldUntilMs, audit, nowMs) {
      await db.batch([auditStatement(db, audit), ...secretStatements(id, name, sealed, keepOldUntilMs, nowMs)]);
    },
  };
}
