/** Who is told of an order, with the shipped directory of two isolates over one database. */
import { beforeEach, describe, expect, it } from "vitest";
import { DEFAULT_OUTBOUND } from "../../../../src/domain/channel/channel.ts";
import { type ChannelId, fromStore, type Sku, type SkuId } from "../../../../src/domain/ids.ts";
import { cachedDirectory } from "../../../../src/services/channels/cached-directory.ts";
import { tellingFulfillers } from "../../../../src/services/channels/tell-fulfillers.ts";
import type { IncomingChannelEvent } from "../../../../src/services/take-in-channel-events.ts";
import { d1Channels } from "../../../../src/store/d1-channels.ts";
import { lineOf, ONE_OF_EACH } from "../../../support/channels/channel-envelopes.ts";
import { channelDraft } from "../../../support/channels/draft.ts";
import { SqliteD1 } from "../../../support/d1/sqlite-d1.ts";

const [WMS, MARKET] = ["wms-new", "market"].map((id) => fromStore<ChannelId>(id)) as [ChannelId, ChannelId];
const TTL_MS = 10_000;

let d1: SqliteD1;
let nowMs: number;
let told: string[];
let logged: string[];

const isolate = () =>
  cachedDirectory({
    ...{ store: d1Channels(d1.db), box: null, hide: () => {}, nowMs: () => nowMs },
    limits: { ttlMs: TTL_MS, unknownTtlMs: 3_000, entriesMax: 9, timeoutMs: 50, skewMs: 1_000 },
  });

beforeEach(async () => {
  d1 = new SqliteD1();
  nowMs = 1_000_000;
  told = [];
  logged = [];
  await put(MARKET, []);
});

const put = (id: ChannelId, orders: readonly "*"[]) =>
  d1Channels(d1.db).put(channelDraft({ id, outbound: { ...DEFAULT_OUTBOUND, orders } }), null, null, nowMs);

const order = (orderId: string, receivedAtMs = nowMs): IncomingChannelEvent => ({
  ...{ channel: MARKET, correlationId: fromStore("c"), eventId: orderId, occurredAtMs: nowMs, receivedAtMs },
  event: {
    ...{ type: "order.created", orderId, location: null },
    lines: [{ ...lineOf(), fulfilled: false }],
  },
});
const item = () => {
  const sku = fromStore<Sku>("ABC");
  const parts = [{ skuId: fromStore<SkuId>("sku_abc"), sku, units: 1 }];
  return { kind: "known", sku, isBundle: false, parts } as const;
};

async function tell(channels: ReturnType<typeof isolate>, ...batch: readonly IncomingChannelEvent[]): Promise<void> {
  const nobody = () => Promise.reject(new Error("no shop is asked"));
  const tellOne = tellingFulfillers(batch, {
    channels,
    catalogue: { resolve: nobody, locationsOf: nobody },
    send: async (ids, { orderId }) => void told.push(...ids.map((id) => `${orderId} → ${id}`)),
    sendUnaddressed: async ({ orderId }) => void told.push(`${orderId} → ?`),
    log: (_, event) => void logged.push(event),
  });
  for (const each of batch) await tellOne(each, { edited: null, names: { item, location: () => null } });
}

describe("a channel that is told of orders", () => {
  it("is told of the first order after it was put, by an isolate that knew of none a moment before", async () => {
    const other = isolate();
    await tell(other, order("before"));
    nowMs += 100;
    await put(WMS, ["*"]);
    nowMs += 1;
    await tell(other, order("after"));
    expect(told).toEqual([`after → ${WMS}`]);
  });

  it("is asked for once per batch, and not again for what was received before the answer", async () => {
    const other = isolate();
    await put(WMS, ["*"]);
    const asked = d1.asked.length;
    await tell(other, order("1"), order("2"), order("3"));
    const received = nowMs;
    nowMs += 2_000;
    await tell(other, order("4"));
    await tell(other, order("5", received), order("6", received));
    expect(d1.asked.length - asked).toBe(2);
    expect(told).toHaveLength(6);
  });

  it("is not asked for by what is no news of an order", async () => {
    const asked = d1.asked.length;
    const events = ONE_OF_EACH.filter(({ type }) => !type.startsWith("order."));
    await tell(isolate(), ...events.map((event, i) => ({ ...order(`${i}`), event })));
    expect(d1.asked).toHaveLength(asked);
  });

  it("is not left out in silence while the database is away: the news waits without a name", async () => {
    const other = isolate();
    await tell(other, order("before"));
    await put(WMS, ["*"]);
    nowMs += TTL_MS + 1;
    d1.state = "away";
    await tell(other, order("a"), order("b"));
    expect(told).toEqual(["a → ?", "b → ?"]);
    expect(logged).toEqual(["orders.unaddressed"]);
  });
});
