/** Channels, wired: who they are, from this isolate's memory. */
import { LIMITS } from "../config.ts";
import { hideInLogs } from "../observability/redact.ts";
import { type CachedDirectory, cachedDirectory } from "../services/channels/cached-directory.ts";
import type { ChannelDirectory } from "../services/channels/channel-directory.ts";
import { type SecretBox, secretBox } from "../services/channels/secret-box.ts";
import { d1Channels } from "../store/d1-channels.ts";
import { configOf } from "../wiring.ts";

type Isolate = { readonly box: SecretBox | null; readonly directory: CachedDirectory };

const isolates = new WeakMap<object, Isolate>();

function isolateOf(env: Env): Isolate {
  const known = isolates.get(env);
  if (known !== undefined) return known;
  const { channelKeys, timing } = configOf(env);
  const [present, ...before] = channelKeys;
  const box = present === undefined ? null : secretBox([present, ...before]);
  const isolate = {
    box,
    directory: cachedDirectory({
      ...{ store: d1Channels(env.DB), box, hide: hideInLogs, nowMs: () => Date.now() },
      limits: {
        ttlMs: timing.channelTtlMs ?? LIMITS.channelTtlMs,
        unknownTtlMs: Math.min(LIMITS.channelUnknownTtlMs, timing.channelTtlMs ?? LIMITS.channelTtlMs),
        entriesMax: LIMITS.channelEntriesMax,
        timeoutMs: LIMITS.catalogueMsMax,
      },
    }),
  };
  isolates.set(env, isolate);
  return isolate;
}

/** Throws, naming what is wrong, when the environment is not configured. */
export const channelsOf = (env: Env): ChannelDirectory => isolateOf(env).directory;
