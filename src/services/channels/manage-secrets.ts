/** Secrets of channels: ours to sign and verify with, shown once; the merchant's, taken and never shown. */
import type { ChannelId } from "../../domain/ids.ts";
import { type SecretFacts, SIGNING } from "./channel-store.ts";
import { type By, type ManageDeps, note } from "./manage-channel.ts";

export type Rotated = { readonly secret: string; readonly retiresAtMs: number };

/**
 * A new signing secret. The present one goes on for `keepOldMs`, and signs beside it; any before that ends now.
 * @returns null: there is no such channel
 */
export async function rotateSecret(
  id: ChannelId,
  keepOldMs: number,
  by: By,
  deps: ManageDeps,
): Promise<Rotated | null> {
  if ((await deps.store.get(id)) === null) return null;
  await note("channel.secret_rotated", id, { keepOldForSeconds: keepOldMs / 1_000 }, by, deps);
  const [secret, nowMs] = [deps.mint(), deps.nowMs()];
  const times = { keepOldUntilMs: nowMs + keepOldMs, nowMs };
  await deps.store.addSecret(id, SIGNING, await deps.box.seal(id, SIGNING, secret), times);
  deps.forget(id);
  return { secret, retiresAtMs: times.keepOldUntilMs };
}

/** The secret before the present one ends now. @returns whether there was one; null: there is no such channel */
export async function retirePrevious(
  id: ChannelId,
  by: By,
  deps: Omit<ManageDeps, "box" | "mint">,
): Promise<boolean | null> {
  if ((await deps.store.get(id)) === null) return null;
  await note("channel.secret_retired", id, {}, by, deps);
  const retired = await deps.store.retireOld(id, SIGNING);
  deps.forget(id);
  return retired > 0;
}

/** In place of what was stored under this name. @returns whether there is such a channel */
export async function putCredential(
  id: ChannelId,
  name: string,
  value: string,
  by: By,
  deps: ManageDeps,
): Promise<boolean> {
  if ((await deps.store.get(id)) === null) return false;
  await note("channel.credential_stored", id, { name }, by, deps);
  const nowMs = deps.nowMs();
  await deps.store.addSecret(id, name, await deps.box.seal(id, name, value), { keepOldUntilMs: nowMs, nowMs });
  deps.forget(id);
  return true;
}

/** @returns whether there was one of this name; null: there is no such channel */
export async function removeCredential(
  id: ChannelId,
  name: string,
  by: By,
  deps: Omit<ManageDeps, "box" | "mint">,
): Promise<boolean | null> {
  if ((await deps.store.get(id)) === null) return null;
  await note("channel.credential_removed", id, { name }, by, deps);
  const removed = await deps.store.removeSecret(id, name);
  deps.forget(id);
  return removed;
}

export type Resealed = { readonly resealed: number; readonly kept: number; readonly unreadable: readonly string[] };

const RESEAL_PAGE = 100;

/** Every secret under the present key, after which the one before it is needed no more. May be asked again. */
export async function resealAll(by: By, deps: ManageDeps): Promise<Resealed> {
  await deps.audit.append({
    ...{ atMs: deps.nowMs(), actor: by.actor, action: "channel.secrets_resealed", subject: "*" },
    ...{ correlationId: by.correlationId, detail: {} },
  });
  let [resealed, kept] = [0, 0];
  const unreadable: string[] = [];
  let after: Parameters<ManageDeps["store"]["sealedPage"]>[0] = null;
  for (;;) {
    const page = await deps.store.sealedPage(after, RESEAL_PAGE);
    for (const each of page) {
      const { channel, name, sealed } = each;
      const opened = await deps.box.open(channel, name, sealed);
      if (opened === null) unreadable.push(`${channel}/${name}`);
      else if (opened.key === 0) kept += 1;
      else {
        await deps.store.reseal(each, sealed, await deps.box.seal(channel, name, opened.secret));
        resealed += 1;
      }
    }
    after = page.at(-1) ?? null;
    if (page.length < RESEAL_PAGE || after === null) return { resealed, kept, unreadable };
  }
}

/** What can be told of them: names, ages, and when one ends. */
export type SecretsView = {
  readonly signing: readonly SecretFacts[];
  readonly credentials: readonly SecretFacts[];
};

export const viewOf = (facts: readonly SecretFacts[]): SecretsView => ({
  signing: facts.filter(({ name }) => name === SIGNING),
  credentials: facts.filter(({ name }) => name !== SIGNING),
});
