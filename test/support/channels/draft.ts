/** Channels as a test needs them: what it does not name is ordinary. */
import { DEFAULT_COUNT_APPROVAL, DEFAULT_OUTBOUND } from "../../../src/domain/channel/channel.ts";
import { type ChannelId, fromStore } from "../../../src/domain/ids.ts";
import type { ChannelDraft } from "../../../src/services/channels/channel-store.ts";

export const WMS = fromStore<ChannelId>("wms-main");

export const channelDraft = (given: Partial<ChannelDraft> = {}): ChannelDraft => ({
  id: WMS,
  type: "wms",
  adapter: "onhand",
  name: "The warehouse",
  direction: "both",
  endpoint: "https://wms.example.com/onhand",
  locations: new Map(),
  listings: "by_sku",
  eventTypes: null,
  outbound: DEFAULT_OUTBOUND,
  countApproval: DEFAULT_COUNT_APPROVAL,
  ...given,
});
