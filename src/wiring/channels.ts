/** Channels, wired: who they are, from this isolate's memory; and what may be done to one by a part of ours. */
import { LIMITS } from "../config.ts";
import { SIGNING_KEY_BYTES, signingSecretOf } from "../domain/channel/signing-secret.ts";
import type { ChannelId } from "../domain/ids.ts";
import { consoleLog as log } from "../observability/log.ts";
import { hideInLogs } from "../observability/redact.ts";
import { type CachedDirectory, cachedDirectory } from "../services/channels/cached-directory.ts";
import type { ChannelDirectory } from "../services/channels/channel-directory.ts";
import type { StoredChannel } from "../services/channels/channel-store.ts";
import { type By, type ManageDeps, setState } from "../services/channels/manage-channel.ts";
import { type SecretBox, secretBox } from "../services/channels/secret-box.ts";
import { reaching } from "../services/unavailable.ts";
import { d1AuditLog } from "../store/d1-audit-log.ts";
import { d1Channels } from "../store/d1-channels.ts";
import { configOf, Misconfigured } from "./configuration.ts";

type Isolate = { readonly box: SecretBox | null; readonly directory: CachedDirectory };

const isolates = new WeakMap<object, Isolate>();

function isolateOf(env: Env): Isolate {
  const known = isolates.get(env);
  if (known !== undefined) return known;
  const { channelKeys } = configOf(env);
  const [present, ...before] = channelKeys;
  const box = present === undefined ? null : secretBox([present, ...before]);
  const isolate = {
    box,
    directory: cachedDirectory({
      ...{ store: d1Channels(env.DB), box, hide: hideInLogs, nowMs },
      limits: {
        ttlMs: channelTtlMsOf(env),
        unknownTtlMs: Math.min(LIMITS.channelUnknownTtlMs, channelTtlMsOf(env)),
        entriesMax: LIMITS.channelEntriesMax,
        timeoutMs: LIMITS.catalogueMsMax,
        skewMs: LIMITS.clockSkewMs,
      },
    }),
  };
  isolates.set(env, isolate);
  return isolate;
}

const nowMs = (): number => Date.now();

/** How long other isolates go on with what they knew. */
export const channelTtlMsOf = (env: Env): number => configOf(env).timing.channelTtlMs ?? LIMITS.channelTtlMs;

/** Throws, naming what is wrong, when the environment is not configured. */
export const channelsOf = (env: Env): ChannelDirectory => isolateOf(env).directory;

/** Null: the deployment has no key to store secrets under. */
export const secretBoxOf = (env: Env): SecretBox | null => isolateOf(env).box;
/** What this isolate knows of it is old. */
export const forgetChannel = (env: Env, id: ChannelId): void => isolateOf(env).directory.forget(id);

/** Every change through it is seen by this isolate at once. */
export const manageDeps = (env: Env): Omit<ManageDeps, "box" | "mint"> => ({
  store: reaching("channels", d1Channels(env.DB)),
  audit: reaching("channels", d1AuditLog(env.DB)),
  forget: (id) => forgetChannel(env, id),
  nowMs,
});

/** For what stores a secret. Throws `Misconfigured` when there is no key to store it under. */
export function sealingDeps(env: Env): ManageDeps {
  const { box } = isolateOf(env);
  if (box === null)
    throw new Misconfigured([
      "CHANNEL_KEY: missing; secrets of channels are stored under it (openssl rand -base64 32)",
    ]);
  return { ...manageDeps(env), box, mint: mintSigningSecret };
}

export const mintSigningSecret = (): string =>
  signingSecretOf(crypto.getRandomValues(new Uint8Array(SIGNING_KEY_BYTES)));

/**
 * Nothing goes out to it and nothing is taken from it, until an operator resumes it. A pause that is there already stays as
 * it is. Rejects when the database is away.
 * @param reason  for people
 * @returns null: there is no such channel
 */
export async function pauseChannel(env: Env, id: ChannelId, reason: string, by: By): Promise<StoredChannel | null> {
  const stored = await setState(id, "paused", reason, by, manageDeps(env));
  if (stored !== null) log("warn", "channel.paused", { shop: id, reason, outcome: by.actor });
  return stored;
}
