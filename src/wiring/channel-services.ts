/** What the API may do with channels. */
import type { PostAnswer } from "../channels/webhook/post-json.ts";
import { postSigned } from "../channels/webhook/post-signed.ts";
import { LIMITS } from "../config.ts";
import { type Channel, hasGate } from "../domain/channel/channel.ts";
import { missingOfShop } from "../domain/channel/check-draft.ts";
import { faultOfCredential, missingCredentialsOf } from "../domain/channel/credentials.ts";
import { healthOf } from "../domain/channel/health.ts";
import {
  type ChannelId,
  type DestinationName,
  destinationOfChannel,
  fromStore,
  type ShopDomain,
} from "../domain/ids.ts";
import { replyBeginning } from "../domain/reply-beginning.ts";
import { consoleLog as log, reasonOf } from "../observability/log.ts";
import type { KnownChannel } from "../services/channels/channel-directory.ts";
import type { ChannelDraft, StoredChannel } from "../services/channels/channel-store.ts";
import {
  type By,
  note,
  putChannel,
  removeChannel,
  setReadOnly,
  setState,
} from "../services/channels/manage-channel.ts";
import {
  putCredential,
  removeCredential,
  resealAll,
  retirePrevious,
  rotateSecret,
  viewOf,
} from "../services/channels/manage-secrets.ts";
import { type MapRow, mapItems, unmapItems } from "../services/channels/map-items.ts";
import { testOf } from "../services/channels/test-channel.ts";
import type { Called, NotCalled } from "../services/destination-breaker.ts";
import type { GraphqlRequest } from "../services/gate-contract.ts";
import { resealDestinations } from "../services/notifications/manage-destinations.ts";
import { reach, reaching } from "../services/unavailable.ts";
import { d1ChannelSeen } from "../store/d1-channel-seen.ts";
import { d1Destinations } from "../store/d1-destinations.ts";
import { d1NotifyDestinations } from "../store/d1-notify-destinations.ts";
import type { ShopGateStub } from "../store/durable-counters.ts";
import { destinationOf } from "../store/durable-destinations.ts";
import { callDestination } from "./breakers.ts";
import { channelsOf, channelTtlMsOf, manageDeps, sealingDeps } from "./channels.ts";
import { configOf } from "./configuration.ts";
import { leastRequestOf } from "./gate-port.ts";
import { ownerOf } from "./notifier.ts";
import { postLimits } from "./post-limits.ts";
import { spreadSoon } from "./words.ts";

type GateOf = (shop: ShopDomain) => ShopGateStub;

const DAY_MS = 24 * 60 * 60 * 1_000;

export function channelServices(env: Env, ctx: Pick<ExecutionContext, "waitUntil">, gate: GateOf) {
  const deps = manageDeps(env);
  const { store } = deps;
  const known = (id: ChannelId): Promise<KnownChannel | null> => reach("channels", () => channelsOf(env).get(id));
  /** What counters must learn of it goes to the first page of them at once, beside the answer; the minute does the rest. */
  const said = async <Value>(change: Promise<Value>): Promise<Value> => {
    const value = await change;
    ctx.waitUntil(spreadSoon(env));
    return value;
  };
  return {
    isDevelopment: configOf(env).environment === "development",
    effectiveWithinMs: channelTtlMsOf(env),
    /** A change that was just written is known to every isolate from then on. */
    inForceAtMs: () => Date.now() + channelTtlMsOf(env),
    list: () => store.list(),
    async view(id: ChannelId) {
      const [stored, facts, listingCount] = await Promise.all([
        store.get(id),
        store.secrets(id, Date.now()),
        store.listingCount(id),
      ]);
      return stored === null ? null : { stored, secrets: viewOf(facts), listingCount };
    },
    put: (draft: ChannelDraft, how: Parameters<typeof putChannel>[1], by: By) =>
      said(putChannel(draft, how, by, sealingDeps(env))),
    remove: (id: ChannelId, by: By) => said(removeChannel(id, by, deps)),
    async pause(id: ChannelId, reason: string, by: By) {
      await stopShop(id, { stopped: true }, store, gate);
      return said(setState(id, "paused", reason, by, deps));
    },
    async resume(id: ChannelId, by: By) {
      await stopShop(id, { stopped: false }, store, gate);
      return said(setState(id, "active", null, by, deps));
    },
    async setReadOnly(id: ChannelId, on: boolean, by: By) {
      await stopShop(id, { readOnly: on }, store, gate);
      return said(setReadOnly(id, on, by, deps));
    },
    rotate: (id: ChannelId, keepOldMs: number, by: By) => rotateSecret(id, keepOldMs, by, sealingDeps(env)),
    retirePrevious: (id: ChannelId, by: By) => retirePrevious(id, by, deps),
    async putCredential(id: ChannelId, name: string, value: string, by: By) {
      const isStored = await putCredential(id, name, value, by, sealingDeps(env));
      if (isStored) await tryAgain(id, store, gate);
      return isStored;
    },
    /** What is wrong with a credential of this name; null: nothing that could be told here. */
    async credentialFault(id: ChannelId, name: string, value: string): Promise<string | null> {
      const stored = await store.get(id);
      const where = { isDevelopment: configOf(env).environment === "development" };
      return stored === null ? null : faultOfCredential(stored.channel.adapter, name, value, where);
    },
    removeCredential: (id: ChannelId, name: string, by: By) => removeCredential(id, name, by, deps),
    /** Those of notifications' destinations, too: they are sealed under the same key. */
    async reseal(by: By) {
      const sealing = sealingDeps(env);
      const ours = await resealAll(by, sealing);
      const store = reaching("notifications", d1NotifyDestinations(env.DB));
      const others = await resealDestinations({ store, ownerOf }, sealing.box);
      return {
        resealed: ours.resealed + others.resealed,
        kept: ours.kept + others.kept,
        unreadable: [...ours.unreadable, ...others.unreadable],
      };
    },
    async items(id: ChannelId, after: string | null, limit: number) {
      return (await store.get(id)) === null ? null : store.listings(id, after, limit);
    },
    mapItems: (id: ChannelId, rows: readonly MapRow[], dryRun: boolean, by: By) =>
      said(mapItems(id, rows, dryRun, by, deps)),
    unmapItems: (id: ChannelId, items: readonly string[] | null, by: By) => said(unmapItems(id, items, by, deps)),
    async test(id: ChannelId, by: By) {
      const channel = await known(id);
      if (channel === null) return null;
      const call = callOf(env, ctx, channel, gate);
      if (call === null) return { kind: "nowhere" as const };
      await note("channel.tested", id, {}, by, deps);
      const startedMs = Date.now();
      const called = await call();
      return { kind: "tested" as const, ...testOf(called, Date.now() - startedMs) };
    },
    health: (id: ChannelId) => health(env, id, store, gate),
  };
}

/** Of a Shopify shop the gate is what stops: its webhooks go on to count, as Shopify drops subscriptions that are refused. */
async function stopShop(
  id: ChannelId,
  settings: { readonly stopped?: boolean; readonly readOnly?: boolean },
  store: ReturnType<typeof manageDeps>["store"],
  gate: GateOf,
): Promise<void> {
  const stored = await store.get(id);
  if (stored !== null && hasGate(stored.channel)) await gate(fromStore<ShopDomain>(id)).configure(settings);
}

/** A gate that had no credentials, or wrong ones, need not sit out its pause. What is stored is stored, whatever it says. */
async function tryAgain(id: ChannelId, store: ReturnType<typeof manageDeps>["store"], gate: GateOf): Promise<void> {
  const stored = await store.get(id);
  if (stored === null || !hasGate(stored.channel)) return;
  try {
    await gate(fromStore<ShopDomain>(id)).resume();
  } catch (error) {
    log("warn", "gate.not_resumed", { shop: id, reason: reasonOf(error) });
  }
}

const TEST = "channel.test";

/** @returns null: it has no address */
function callOf(
  env: Env,
  ctx: Pick<ExecutionContext, "waitUntil">,
  { channel, secrets }: KnownChannel,
  gate: GateOf,
): (() => Promise<Called<PostAnswer> | NotCalled>) | null {
  const shop = fromStore<ShopDomain>(channel.id);
  if (hasGate(channel)) return () => askThrough(gate(shop), leastRequestOf(shop));
  const { endpoint: url } = channel;
  if (url === null) return null;
  const timestamp = new Date().toISOString();
  const body = JSON.stringify({ type: TEST, timestamp, channel: channel.id, data: {} });
  const post = {
    ...{ url, body, id: `${TEST}/${crypto.randomUUID()}`, secrets: secrets.signing },
    nowMs: Date.now(),
  };
  const limits = postLimits(LIMITS.channelCallMsMax);
  return () => callDestination(env, ctx, destinationOfChannel(channel.id), () => postSigned(post, limits));
}

/** Whether its credentials and its address are right. Our own format goes to nobody who does not speak it. */
async function askThrough(gate: ShopGateStub, request: GraphqlRequest): Promise<Called<PostAnswer> | NotCalled> {
  const reply = await gate.graphql(request);
  if (reply.kind === "ok") {
    const said = replyBeginning(JSON.stringify(reply.data), [], LIMITS.replyCharsMax);
    return { kind: "answered", answer: { status: 200, reply: said } };
  }
  if (reply.kind === "later") return { kind: "wait", untilMs: Date.now() + reply.afterMs, reason: reply.reason };
  return { kind: "failed", reason: `${reply.code}: ${reply.message}`, retryAfterSeconds: null, answer: null };
}

async function health(env: Env, id: ChannelId, store: ReturnType<typeof manageDeps>["store"], gate: GateOf) {
  const stored = await store.get(id);
  if (stored === null) return null;
  const [seen, outwards, secrets] = await Promise.all([
    reaching("channels", d1ChannelSeen(env.DB, LIMITS.journalScanRowsMax)).seen(id, Date.now() - DAY_MS),
    outwardsOf(env, stored.channel, gate),
    store.secrets(id, Date.now()),
  ]);
  const breaker = outwards?.breaker ?? null;
  const signs = {
    ...{ channel: stored.channel, stateReason: stored.stateReason, waitingLetters: seen.waitingLetters },
    ...{ breaker: breaker?.state ?? null, breakerReason: breaker?.reason ?? null, gate: outwards?.gate ?? null },
    received: sumOf(seen.counts, (key) => key.startsWith("received/") || key.startsWith("consumed/")),
    refused: sumOf(seen.counts, (key) => key.endsWith("/refused") || key.endsWith("/failed")),
    missing: missingCredentials(
      stored,
      secrets.map(({ name }) => name),
    ),
  };
  return { stored, seen, breaker, health: healthOf(signs) };
}

function missingCredentials({ channel }: StoredChannel, names: readonly string[]): readonly string[] {
  const known = new Set(names);
  return channel.type === "shopify" ? missingOfShop(known) : missingCredentialsOf(channel.adapter, known);
}

const sumOf = (counts: Readonly<Record<string, number>>, isIt: (key: string) => boolean): number =>
  Object.entries(counts).reduce((sum, [key, n]) => (isIt(key) ? sum + n : sum), 0);

/** Null: nothing was ever sent to it, or whoever keeps the breaker does not answer. */
async function outwardsOf(env: Env, channel: Channel, gateOf: GateOf) {
  try {
    const gate = hasGate(channel) ? await gateOf(fromStore<ShopDomain>(channel.id)).status() : null;
    const status = gate === null ? await statusOf(env, destinationOfChannel(channel.id)) : gate.breaker;
    if (status === undefined || status === null) return null;
    const { state, reason, sinceMs } = status;
    return { breaker: { state, reason, sinceMs }, gate };
  } catch {
    return null;
  }
}

async function statusOf(env: Env, name: DestinationName) {
  const names = await d1Destinations(env.DB).list();
  return names.includes(name) ? destinationOf(env.DESTINATION, name).status() : null;
}
