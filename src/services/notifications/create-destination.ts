/**
 * Makes a destination under an id that is made here. Asked again with the same key it finds the one that the first call made:
 * the end of its id comes of the key. Its secret is in the first answer alone; whoever lost that rotates it.
 */

import type { NotifyDestination } from "../../domain/notification/destination.ts";
import { destinationId } from "../../domain/notification/destination-id.ts";
import { sha256Hex } from "../sha256.ts";
import { auditEntry, type By, type DestinationDeps, secretFor } from "./manage-destinations.ts";
import type { DestinationDraft } from "./notification-store.ts";

export type NewDestination = Omit<DestinationDraft, "id">;

export type CreateOutcome =
  /** `secret`: of a webhook, shown once. */
  | { readonly kind: "created"; readonly destination: NotifyDestination; readonly secret: string | null }
  /** The same was asked for before with this key. */
  | { readonly kind: "known"; readonly destination: NotifyDestination }
  /** The key made this one, which says something else. */
  | { readonly kind: "key_reused"; readonly id: string }
  | { readonly kind: "needs_url" }
  | { readonly kind: "too_many"; readonly max: number };

export interface CreateDestinationDeps extends DestinationDeps {
  /** Eight hex digits. */
  randomSuffix(): string;
}

/**
 * @param url  of Slack
 * @param key  the caller's own: another caller's same key is another one; null: each call makes one
 */
export async function createDestination(
  draft: NewDestination,
  url: string | null,
  key: string | null,
  by: By,
  deps: CreateDestinationDeps,
): Promise<CreateOutcome> {
  const { store, destinationsMax } = deps;
  if (draft.type === "slack" && url === null) return { kind: "needs_url" };
  const suffix = key === null ? deps.randomSuffix() : await suffixOf(by.actor, key);
  const all = await store.list();
  const made = key === null ? undefined : all.find(({ id }) => id.endsWith(`-${suffix}`));
  if (made !== undefined) return again(made, draft, url, deps);
  if (all.length >= destinationsMax) return { kind: "too_many", max: destinationsMax };
  const id = destinationId(draft.name, suffix);
  const secret = draft.type === "webhook" ? deps.mint() : null;
  const sealed = await secretFor(id, secret, url, deps);
  const audit = auditEntry("destination.created", id, { type: draft.type, name: draft.name }, by, deps);
  const destination = await store.create({ ...draft, id }, sealed, audit, deps.nowMs());
  if (destination !== null) return { kind: "created", destination, secret };
  // Somebody was faster with the same key.
  const faster = await store.get(id);
  if (faster === null) throw new Error("a destination was made and removed at the same moment");
  return again(faster, draft, url, deps);
}

const suffixOf = async (actor: string, key: string): Promise<string> =>
  (await sha256Hex(new TextEncoder().encode(JSON.stringify([actor, key])))).slice(0, 8);

async function again(
  made: NotifyDestination,
  draft: NewDestination,
  url: string | null,
  deps: DestinationDeps,
): Promise<CreateOutcome> {
  const isSame = saysOf(made) === saysOf(draft) && (url === null || (await urlOf(made.id, deps)) === url);
  return isSame ? { kind: "known", destination: made } : { kind: "key_reused", id: made.id };
}

const saysOf = ({ type, name, address, filter, digestMinutes, quietHours }: NewDestination): string => {
  const { kinds, minSeverity, skus, locations, channels } = filter;
  const quiet = quietHours === null ? null : [quietHours.from, quietHours.to, quietHours.timeZone];
  return JSON.stringify([type, name, address, kinds, minSeverity, skus, locations, channels, digestMinutes, quiet]);
};

/** Of Slack. Null: it does not open. */
async function urlOf(id: string, { store, box, ownerOf, nowMs }: DestinationDeps): Promise<string | null> {
  const [sealed] = await store.secrets(id, "url", nowMs());
  const opened = sealed === undefined ? null : await box().open(ownerOf(id), "url", sealed);
  return opened?.secret ?? null;
}
