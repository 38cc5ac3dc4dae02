/** What an operator does with destinations: made, changed, tried, enabled; each in the audit log. Secrets are never there. */

import type { CorrelationId } from "../../domain/ids.ts";
import { fromStore } from "../../domain/ids.ts";
import type { AttemptResult } from "../../domain/notification/after-attempt.ts";
import type { NotifyDestination } from "../../domain/notification/destination.ts";
import type { Notification } from "../../domain/notification/notification.ts";
import { type Heard, NOT_CALLED } from "../../domain/reply-beginning.ts";
import type { AuditEntry } from "../audit.ts";
import type { SecretBox } from "../channels/secret-box.ts";
import { type Message, trySend } from "./deliver.ts";
import type { DestinationDraft, GivenSecret, NotifyDestinationStore } from "./notification-store.ts";

export type By = { readonly actor: string; readonly correlationId: CorrelationId };

export interface DestinationDeps {
  readonly store: NotifyDestinationStore;
  /** Throws, naming it, when there is no key to store a secret under. */
  box(): SecretBox;
  mint(): string;
  ownerOf(id: string): string;
  readonly destinationsMax: number;
  nowMs(): number;
}

export type PutOutcome =
  /** `secret`: of a new webhook, shown once. */
  | {
      readonly kind: "put";
      readonly destination: NotifyDestination;
      readonly isNew: boolean;
      readonly secret: string | null;
    }
  | { readonly kind: "other_type"; readonly type: string }
  | { readonly kind: "needs_url" }
  | { readonly kind: "too_many"; readonly max: number };

/** @param url  of Slack; null: it stays */
export async function putDestination(
  draft: DestinationDraft,
  url: string | null,
  by: By,
  deps: DestinationDeps,
): Promise<PutOutcome> {
  const known = await deps.store.get(draft.id);
  if (known !== null && known.type !== draft.type) return { kind: "other_type", type: known.type };
  if (known === null && draft.type === "slack" && url === null) return { kind: "needs_url" };
  if (known === null && (await deps.store.list()).length >= deps.destinationsMax)
    return { kind: "too_many", max: deps.destinationsMax };
  const minted = known === null && draft.type === "webhook" ? deps.mint() : null;
  const secret = await secretFor(draft.id, minted, url, deps);
  const action = known === null ? "destination.created" : "destination.changed";
  const address = draft.type === "slack" && url === null && known !== null ? known.address : draft.address;
  const destination = await deps.store.put(
    { ...draft, address },
    secret,
    auditEntry(action, draft.id, { type: draft.type, name: draft.name }, by, deps),
    deps.nowMs(),
  );
  return { kind: "put", destination, isNew: known === null, secret: minted };
}

/** Sealed, under its name: a webhook's that was minted, or Slack's address. Null: neither. */
export async function secretFor(
  id: string,
  minted: string | null,
  url: string | null,
  { box, ownerOf }: Pick<DestinationDeps, "box" | "ownerOf">,
): Promise<GivenSecret | null> {
  const [name, value] = minted === null ? ["url", url] : ["signing", minted];
  return value === null ? null : { name, sealed: await box().seal(ownerOf(id), name, value) };
}

/** The present one goes on for `keepOldMs`. @returns null: no such webhook */
export async function rotateDestination(
  id: string,
  keepOldMs: number,
  by: By,
  deps: DestinationDeps,
): Promise<{ readonly secret: string; readonly retiresAtMs: number } | null> {
  const known = await deps.store.get(id);
  if (known?.type !== "webhook") return null;
  const [secret, nowMs] = [deps.mint(), deps.nowMs()];
  const sealed = await deps.box().seal(deps.ownerOf(id), "signing", secret);
  const audit = auditEntry("destination.secret_rotated", id, { keepOldForSeconds: keepOldMs / 1_000 }, by, deps);
  await deps.store.addSecret(id, "signing", sealed, nowMs + keepOldMs, audit, nowMs);
  return { secret, retiresAtMs: nowMs + keepOldMs };
}

export type ResealedDestinations = {
  readonly resealed: number;
  readonly kept: number;
  readonly unreadable: readonly string[];
};

/** Every secret under the present key. May be asked again. */
export async function resealDestinations(
  { store, ownerOf }: Pick<DestinationDeps, "store" | "ownerOf">,
  box: SecretBox,
): Promise<ResealedDestinations> {
  let [resealed, kept] = [0, 0];
  const unreadable: string[] = [];
  for (const secret of await store.sealed()) {
    const owner = ownerOf(secret.destinationId);
    const opened = await box.open(owner, secret.name, secret.sealed);
    if (opened === null) unreadable.push(`${owner}/${secret.name}`);
    else if (opened.key === 0) kept += 1;
    else {
      await store.reseal(secret, await box.seal(owner, secret.name, opened.secret));
      resealed += 1;
    }
  }
  return { resealed, kept, unreadable };
}

export const removeDestination = (id: string, by: By, deps: DestinationDeps): Promise<boolean> =>
  deps.store.remove(id, auditEntry("destination.removed", id, {}, by, deps), deps.nowMs());

export const enableDestination = (id: string, by: By, deps: DestinationDeps): Promise<NotifyDestination | null> =>
  deps.store.enable(id, auditEntry("destination.enabled", id, {}, by, deps), deps.nowMs());

export type Tested = Heard & { readonly told: boolean; readonly reason: string | null };

/** One message that says that it is a test, past filter, digest and quiet hours. @returns null: there is no such destination */
export async function testDestination(
  id: string,
  by: By,
  deps: Pick<DestinationDeps, "store" | "nowMs"> & {
    send(destination: NotifyDestination, message: Message): Promise<AttemptResult>;
    newId(): string;
  },
): Promise<Tested | null> {
  const destination = await deps.store.get(id);
  if (destination === null) return null;
  const startedMs = deps.nowMs();
  const message = { id: `test_${deps.newId()}`, news: [testNews(destination, by, startedMs)] };
  const result = await trySend(() => deps.send(destination, message));
  if (result.kind === "wait") return { told: false, reason: `the breaker holds it: ${result.reason}`, ...NOT_CALLED };
  const { kind, status, reply, ms } = result;
  return { told: kind === "told", reason: kind === "told" ? null : result.reason, status, reply, ms };
}

const testNews = ({ id, name }: NotifyDestination, { actor, correlationId }: By, atMs: number): Notification => ({
  id: `test/${id}/${atMs}`,
  ...{ kind: "notification.test", severity: "info", subject: id },
  title: `This is a test of ${name}`,
  text: `Asked for by ${actor}. Nothing has happened.`,
  atMs,
  ...{ sku: null, locationId: null, channel: null },
  correlationId: fromStore<CorrelationId>(correlationId),
  data: {},
});

export const auditEntry = (
  action: string,
  subject: string,
  detail: AuditEntry["detail"],
  { actor, correlationId }: By,
  { nowMs }: Pick<DestinationDeps, "nowMs">,
): AuditEntry => ({ atMs: nowMs(), actor, action, subject, correlationId, detail });
