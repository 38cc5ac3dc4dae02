/**
 * What operators do with channels. Each change is in the audit log before it is done, without its secrets: what was meant
 * is known even if the rest fails, and the same request may be sent again.
 */
import { type DraftFault, faultOfDraft } from "../../domain/channel/check-draft.ts";
import type { ChannelId, CorrelationId } from "../../domain/ids.ts";
import type { AuditLog } from "../audit.ts";
import {
  type ChannelDraft,
  type ChannelStore,
  type PutOutcome,
  type RemoveOutcome,
  SIGNING,
  type StoredChannel,
} from "./channel-store.ts";
import type { SecretBox } from "./secret-box.ts";

export type By = { readonly actor: string; readonly correlationId: CorrelationId };

export interface ManageDeps {
  readonly store: ChannelStore;
  readonly audit: Pick<AuditLog, "append">;
  readonly box: SecretBox;
  /** This isolate's memory of it is old. */
  forget(id: ChannelId): void;
  /** A new signing secret, "whsec_…". */
  mint(): string;
  nowMs(): number;
}

export type Put =
  | (Extract<PutOutcome, { kind: "put" }> & { readonly secret: string | null })
  | Exclude<PutOutcome, { kind: "put" }>
  | { readonly kind: "refused"; readonly fault: DraftFault };

/** @returns `secret`: of a new channel, told this once; a Shopify shop has none */
export async function putChannel(
  draft: ChannelDraft,
  { ifRevision, dryRun }: { readonly ifRevision: number | null; readonly dryRun: boolean },
  by: By,
  deps: ManageDeps,
): Promise<Put> {
  const fault = faultOfDraft(draft) ?? (await unknownLocation(draft, deps.store));
  if (fault !== null) return { kind: "refused", fault };
  const before = await deps.store.get(draft.id);
  const seen = before?.channel.revision ?? 0;
  if (ifRevision !== null && ifRevision !== seen) return { kind: "stale", revision: before?.channel.revision ?? null };
  if (dryRun)
    return { kind: "put", isNew: before === null, stored: foreseen(draft, before, deps.nowMs()), secret: null };
  await note(before === null ? "channel.created" : "channel.changed", draft.id, summaryOf(draft), by, deps);
  const secret = draft.type === "shopify" ? null : deps.mint(); // Shopify signs with its app's secret
  const sealed = secret === null ? null : await deps.box.seal(draft.id, SIGNING, secret);
  const put = await deps.store.put(draft, ifRevision, sealed, deps.nowMs());
  deps.forget(draft.id);
  return put.kind === "put" ? { ...put, secret: put.isNew ? secret : null } : put;
}

export async function setState(
  id: ChannelId,
  state: "active" | "paused",
  reason: string | null,
  by: By,
  deps: Omit<ManageDeps, "box" | "mint">,
): Promise<StoredChannel | null> {
  const before = await deps.store.get(id);
  if (before === null || before.channel.state === state) return before;
  await note(
    state === "paused" ? "channel.paused" : "channel.resumed",
    id,
    reason === null ? {} : { reason },
    by,
    deps,
  );
  const after = await deps.store.setState(id, state, { reason, actor: by.actor }, deps.nowMs());
  deps.forget(id);
  return after;
}

export async function setReadOnly(
  id: ChannelId,
  on: boolean,
  by: By,
  deps: Omit<ManageDeps, "box" | "mint">,
): Promise<StoredChannel | null> {
  const before = await deps.store.get(id);
  if (before === null || before.channel.readOnly === on) return before;
  await note("channel.read_only", id, { on }, by, deps);
  const after = await deps.store.setReadOnly(id, on, deps.nowMs());
  deps.forget(id);
  return after;
}

export async function removeChannel(
  id: ChannelId,
  by: By,
  deps: Omit<ManageDeps, "box" | "mint">,
): Promise<RemoveOutcome> {
  if ((await deps.store.get(id)) === null) return "unknown";
  await note("channel.removed", id, {}, by, deps);
  const outcome = await deps.store.remove(id);
  deps.forget(id);
  return outcome;
}

export const note = (
  action: string,
  id: ChannelId,
  detail: Readonly<Record<string, unknown>>,
  { actor, correlationId }: By,
  { audit, nowMs }: Pick<ManageDeps, "audit" | "nowMs">,
): Promise<void> => audit.append({ atMs: nowMs(), actor, action, subject: id, correlationId, detail });

/** Of an address its host alone: a path may hold a key. */
const summaryOf = ({ type, adapter, direction, endpoint }: ChannelDraft) => ({
  ...{ type, adapter, direction },
  ...(endpoint === null ? {} : { host: new URL(endpoint).host }),
});

async function unknownLocation(draft: ChannelDraft, store: ChannelStore): Promise<DraftFault | null> {
  if (draft.locations.size === 0) return null;
  const known = await store.knownLocations([...new Set(draft.locations.values())]);
  const stranger = [...draft.locations].find(([, ours]) => !known.has(ours));
  if (stranger === undefined) return null;
  const [theirs, ours] = stranger;
  return { field: `locations.${theirs}`, message: `we have no location ${ours}` };
}

function foreseen(draft: ChannelDraft, before: StoredChannel | null, nowMs: number): StoredChannel {
  if (before !== null) return { ...before, channel: { ...before.channel, ...draft } };
  const channel = { ...draft, state: "active" as const, readOnly: false, revision: 0 };
  return { channel, stateReason: null, stateBy: null, stateAtMs: nowMs, createdAtMs: nowMs, updatedAtMs: nowMs };
}
