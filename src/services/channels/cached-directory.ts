/**
 * Who the channels are, from an isolate's memory. What it knows is believed for seconds, and goes on being known while the
 * database is away; what it never knew then rejects, so that a producer is told to come again and not that it is unknown.
 */
import type { Channel } from "../../domain/channel/channel.ts";
import type { ChannelId } from "../../domain/ids.ts";
import { inTime } from "../with-deadline.ts";
import type { ChannelDirectory, KnownChannel } from "./channel-directory.ts";
import { type ChannelStore, SIGNING, type StoredSecret } from "./channel-store.ts";
import type { SecretBox } from "./secret-box.ts";

export type DirectoryDeps = {
  readonly store: Pick<ChannelStore, "withSecrets" | "list">;
  /** Null: the deployment has no key, and no channel with a secret can be used. */
  readonly box: SecretBox | null;
  readonly limits: {
    readonly ttlMs: number;
    /** That there is none of a name; and how soon a database that was away is asked again. */
    readonly unknownTtlMs: number;
    readonly entriesMax: number;
    readonly timeoutMs: number;
    /** Clocks of two machines differ by less. */
    readonly skewMs: number;
  };
  /** Told of every secret in memory, so that it is told nowhere else. */
  hide(secrets: readonly string[]): void;
  nowMs(): number;
};

export type CachedDirectory = ChannelDirectory & {
  /** What this isolate knows of it is old: it, or its secrets, were changed here. */
  forget(id: ChannelId): void;
};

type OpenedSecret = { readonly name: string; readonly secret: string; readonly retiresAtMs: number | null };
type Entry = {
  readonly channel: Channel | null;
  /** The newest of each name first. */
  readonly secrets: readonly OpenedSecret[];
  readonly untilMs: number;
} & Asked;
/** When the database was asked for it. */
type Asked = { readonly askedAtMs: number };

export function cachedDirectory(deps: DirectoryDeps): CachedDirectory {
  const { limits, nowMs } = deps;
  /** Apart, so that a stranger who tries names drives out no channel. */
  const known = new Map<ChannelId, Entry>();
  const unknown = new Map<ChannelId, Entry>();
  let all: (Asked & { readonly channels: readonly Channel[]; readonly untilMs: number }) | null = null;
  let awayUntilMs = 0;

  const isSince = ({ askedAtMs }: Asked, sinceMs: number | undefined): boolean =>
    sinceMs === undefined || askedAtMs > sinceMs + limits.skewMs;
  const asked = async <Value>(work: () => Promise<Value>): Promise<Value> => {
    if (nowMs() < awayUntilMs) throw new Error("the database was away a moment ago");
    try {
      return await inTime(limits.timeoutMs, work);
    } catch (error) {
      awayUntilMs = nowMs() + limits.unknownTtlMs;
      throw error;
    }
  };
  // Each asks for itself: a question that somebody else waits for ends with him, and nobody would ever be answered.
  const look = async (id: ChannelId): Promise<Entry> => {
    const askedAtMs = nowMs();
    const found = await asked(() => deps.store.withSecrets(id, askedAtMs));
    if (found === null) return { channel: null, secrets: [], untilMs: askedAtMs + limits.unknownTtlMs, askedAtMs };
    const secrets = await Promise.all(found.secrets.map((stored) => opened(id, stored, deps)));
    deps.hide(secrets.map(({ secret }) => secret));
    return { channel: found.stored.channel, secrets, untilMs: askedAtMs + limits.ttlMs, askedAtMs };
  };
  const keep = (id: ChannelId, entry: Entry): Entry => {
    known.delete(id);
    unknown.delete(id);
    const kept = entry.channel === null ? unknown : known;
    kept.set(id, entry);
    const [oldest] = kept.keys();
    if (kept.size > limits.entriesMax && oldest !== undefined) kept.delete(oldest);
    return entry;
  };
  return {
    async get(id, sinceMs) {
      const entry = known.get(id) ?? unknown.get(id);
      if (entry !== undefined && nowMs() < entry.untilMs && isSince(entry, sinceMs)) return knownOf(entry, nowMs());
      try {
        return knownOf(keep(id, await look(id)), nowMs());
      } catch (error) {
        if (entry === undefined || !isSince(entry, sinceMs)) throw error;
        return knownOf(entry, nowMs());
      }
    },
    async list(sinceMs) {
      if (all !== null && nowMs() < all.untilMs && isSince(all, sinceMs)) return all.channels;
      const askedAtMs = nowMs();
      try {
        const channels = (await asked(() => deps.store.list())).map(({ channel }) => channel);
        all = { channels, untilMs: askedAtMs + limits.ttlMs, askedAtMs };
        return channels;
      } catch (error) {
        if (all === null || !isSince(all, sinceMs)) throw error;
        return all.channels;
      }
    },
    forget(id) {
      known.delete(id);
      unknown.delete(id);
      all = null;
    },
  };
}

async function opened(id: ChannelId, { name, sealed, retiresAtMs }: StoredSecret, { box }: DirectoryDeps) {
  const found = await box?.open(id, name, sealed);
  if (found == null) throw new Error(`no key opens the secret "${name}" of ${id}: see CHANNEL_KEY`);
  return { name, secret: found.secret, retiresAtMs };
}

/** A secret retires on time, however long the isolate still believes what it read. */
function knownOf({ channel, secrets }: Entry, nowMs: number): KnownChannel | null {
  if (channel === null) return null;
  const active = secrets.filter(({ retiresAtMs }) => retiresAtMs === null || nowMs < retiresAtMs);
  const credentials: Record<string, string> = {};
  for (const { name, secret } of active) if (name !== SIGNING) credentials[name] ??= secret;
  const signing = active.filter(({ name }) => name === SIGNING).map(({ secret }) => secret);
  return { channel, secrets: { signing, credentials } };
}
