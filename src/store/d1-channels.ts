/** Channels and their secrets in D1. A batch is one transaction. */
import type { D1Database, D1PreparedStatement } from "@cloudflare/workers-types";
import type { ChannelId } from "../domain/ids.ts";
import { type ChannelStore, SIGNING } from "../services/channels/channel-store.ts";
import {
  type ChannelRow,
  DRAFT_COLUMNS,
  draftValues,
  factsOf,
  type SecretRow,
  secretOf,
  storedOf,
} from "./channel-row.ts";
import { d1ChannelListings } from "./d1-channel-listings.ts";

const BY_ID = "SELECT * FROM channels WHERE id = ?";
const SECRETS = `SELECT name, version, ciphertext, iv, created_at_ms, retires_at_ms FROM channel_secrets
  WHERE channel = ? AND (retires_at_ms IS NULL OR retires_at_ms > ?) ORDER BY name, version DESC`;

export function d1Channels(db: D1Database): ChannelStore {
  const get = async (id: ChannelId) => {
    const row = await db.prepare(BY_ID).bind(id).first<ChannelRow>();
    return row === null ? null : storedOf(row);
  };
  return {
    ...d1ChannelListings(db),
    ...secretStatements(db),
    get,
    async list() {
      const { results } = await db.prepare("SELECT * FROM channels ORDER BY id").all<ChannelRow>();
      return results.map(storedOf);
    },
    async withSecrets(id, nowMs) {
      const [channels, secrets] = await db.batch<unknown>([
        db.prepare(BY_ID).bind(id),
        db.prepare(SECRETS).bind(id, nowMs),
      ]);
      const [row] = (channels?.results ?? []) as ChannelRow[];
      if (row === undefined) return null;
      return { stored: storedOf(row), secrets: ((secrets?.results ?? []) as SecretRow[]).map(secretOf) };
    },
    put: (...args) => put(db, ...args),
    async setState(id, state, { reason, actor }, nowMs) {
      const set = `UPDATE channels SET state = ?2, state_reason = ?3, state_by = ?4, state_at_ms = ?5, updated_at_ms = ?5,
        revision = ${NEWEST} WHERE id = ?1 AND state <> ?2`;
      await db.batch([RAISED(db), db.prepare(set).bind(id, state, state === "active" ? null : reason, actor, nowMs)]);
      return get(id);
    },
    async setReadOnly(id, on, nowMs) {
      const set = `UPDATE channels SET read_only = ?2, updated_at_ms = ?3, revision = ${NEWEST} WHERE id = ?1 AND read_only <> ?2`;
      await db.batch([RAISED(db), db.prepare(set).bind(id, on ? 1 : 0, nowMs)]);
      return get(id);
    },
    remove: (id) => remove(db, id),
  };
}

const NEWEST = "(SELECT revision FROM channel_revision)";
const RAISED = (db: D1Database): D1PreparedStatement =>
  db.prepare("UPDATE channel_revision SET revision = revision + 1");

const PLACES = DRAFT_COLUMNS.map((_, i) => `?${i + 1}`).join(", ");
const OTHERS = DRAFT_COLUMNS.slice(1).map((name) => `${name} = excluded.${name}`);
/** ?12: now · ?13: the revision that the caller saw, null if it does not matter. */
const UPSERT = `INSERT INTO channels (${DRAFT_COLUMNS.join(", ")}, state, state_at_ms, read_only, revision, created_at_ms, updated_at_ms)
  SELECT ${PLACES}, 'active', ?12, 0, ${NEWEST}, ?12, ?12
  WHERE ?13 IS NULL OR ?13 = COALESCE((SELECT revision FROM channels WHERE id = ?1), 0)
  ON CONFLICT (id) DO UPDATE SET ${OTHERS.join(", ")}, revision = excluded.revision, updated_at_ms = excluded.updated_at_ms
  RETURNING *`;

async function put(db: D1Database, ...[draft, ifRevision, signing, nowMs]: Parameters<ChannelStore["put"]>) {
  const first = `INSERT INTO channel_secrets (channel, name, version, ciphertext, iv, created_at_ms, retires_at_ms)
    SELECT ?1, ?2, 1, ?3, ?4, ?5, NULL FROM channels
    WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM channel_secrets WHERE channel = ?1 AND name = ?2)`;
  const [before, , written] = await db.batch<ChannelRow>([
    db.prepare(BY_ID).bind(draft.id),
    RAISED(db),
    db.prepare(UPSERT).bind(...draftValues(draft), nowMs, ifRevision),
    ...(signing === null ? [] : [db.prepare(first).bind(draft.id, SIGNING, signing.ciphertext, signing.iv, nowMs)]),
  ]);
  const [was, row] = [before?.results[0], written?.results[0]];
  if (row === undefined) return { kind: "stale" as const, revision: was?.revision ?? null };
  return { kind: "put" as const, isNew: was === undefined, stored: storedOf(row) };
}

async function remove(db: D1Database, id: ChannelId): ReturnType<ChannelStore["remove"]> {
  const isFree = `NOT EXISTS (SELECT 1 FROM listings WHERE shop = ?1 AND status = 'active')
    AND NOT EXISTS (SELECT 1 FROM shops WHERE shop = ?1 AND state <> 'disconnected')`;
  const gone = (table: string): D1PreparedStatement =>
    db.prepare(`DELETE FROM ${table} WHERE channel = ?1 AND ${isFree}`).bind(id);
  const [before, , , , removed] = await db.batch<{ id: string }>([
    db.prepare("SELECT id FROM channels WHERE id = ?").bind(id),
    RAISED(db),
    gone("channel_secrets"),
    gone("channel_listings"),
    db.prepare(`DELETE FROM channels WHERE id = ?1 AND ${isFree} RETURNING id`).bind(id),
  ]);
  if (before?.results.length === 0) return "unknown";
  return removed?.results.length === 1 ? "removed" : "connected";
}

type SecretMethods = "secrets" | "addSecret" | "retireOld" | "removeSecret" | "sealedPage" | "reseal";

function secretStatements(db: D1Database): Pick<ChannelStore, SecretMethods> {
  return {
    async secrets(id, nowMs) {
      const { results } = await db.prepare(SECRETS).bind(id, nowMs).all<SecretRow>();
      return results.map(factsOf);
    },
    async addSecret(id, name, { ciphertext, iv }, { keepOldUntilMs, nowMs }) {
      const its = "channel = ?1 AND name = ?2";
      const newest = `(SELECT MAX(version) FROM channel_secrets WHERE ${its})`;
      const add = `INSERT INTO channel_secrets (channel, name, version, ciphertext, iv, created_at_ms, retires_at_ms)
        SELECT ?1, ?2, COALESCE(${newest}, 0) + 1, ?3, ?4, ?5, NULL FROM channels WHERE id = ?1`;
      const forget = `DELETE FROM channel_secrets WHERE ${its} AND version < ${newest} - ?3`;
      const retire = `UPDATE channel_secrets SET retires_at_ms = ?3 WHERE ${its} AND version < ${newest}`;
      await db.batch([
        db.prepare(add).bind(id, name, ciphertext, iv, nowMs),
        db.prepare(forget).bind(id, name, keepOldUntilMs > nowMs ? 1 : 0),
        db.prepare(retire).bind(id, name, keepOldUntilMs),
      ]);
    },
    async retireOld(id, name) {
      const old =
        "DELETE FROM channel_secrets WHERE channel = ? AND name = ? AND retires_at_ms IS NOT NULL RETURNING name";
      return (await db.prepare(old).bind(id, name).all()).results.length;
    },
    async removeSecret(id, name) {
      const all = "DELETE FROM channel_secrets WHERE channel = ? AND name = ? RETURNING name";
      return (await db.prepare(all).bind(id, name).all()).results.length > 0;
    },
    async sealedPage(after, limit) {
      const page = `SELECT channel, name, version, ciphertext, iv, created_at_ms, retires_at_ms FROM channel_secrets
        WHERE (channel, name, version) > (?, ?, ?) ORDER BY channel, name, version LIMIT ?`;
      const { results } = await db
        .prepare(page)
        .bind(after?.channel ?? "", after?.name ?? "", after?.version ?? 0, limit)
        .all<SecretRow & { channel: ChannelId }>();
      return results.map((row) => ({ ...secretOf(row), channel: row.channel }));
    },
    async reseal({ channel, name, version }, was, { ciphertext, iv }) {
      const set =
        "UPDATE channel_secrets SET ciphertext = ?, iv = ? WHERE channel = ? AND name = ? AND version = ? AND iv = ?";
      await db.prepare(set).bind(ciphertext, iv, channel, name, version, was.iv).run();
    },
  };
}
