/** A channel as its row in D1 has it. What was parsed when it went in is believed here; fields that came later have defaults. */
import { type Channel, DEFAULT_COUNT_APPROVAL, DEFAULT_OUTBOUND } from "../domain/channel/channel.ts";
import { fromStore, type LocationId } from "../domain/ids.ts";
import type { ChannelDraft, SecretFacts, StoredChannel, StoredSecret } from "../services/channels/channel-store.ts";

export type ChannelRow = {
  id: string;
  type: Channel["type"];
  adapter: Channel["adapter"];
  name: string;
  direction: Channel["direction"];
  state: Channel["state"];
  state_reason: string | null;
  state_by: string | null;
  state_at_ms: number;
  read_only: number;
  endpoint: string | null;
  locations: string;
  listings: Channel["listings"];
  event_types: string | null;
  outbound: string;
  count_approval: string;
  revision: number;
  created_at_ms: number;
  updated_at_ms: number;
};

export function storedOf(row: ChannelRow): StoredChannel {
  const { id, type, adapter, name, direction, state, endpoint, listings, revision } = row;
  const locations = JSON.parse(row.locations) as Record<string, string>;
  return {
    channel: {
      ...{ id: fromStore(id), type, adapter, name, direction, state, endpoint, listings, revision },
      readOnly: row.read_only === 1,
      locations: new Map(Object.entries(locations).map(([theirs, ours]) => [theirs, fromStore<LocationId>(ours)])),
      eventTypes: row.event_types === null ? null : JSON.parse(row.event_types),
      outbound: { ...DEFAULT_OUTBOUND, ...JSON.parse(row.outbound) },
      countApproval: { ...DEFAULT_COUNT_APPROVAL, ...JSON.parse(row.count_approval) },
    },
    ...{ stateReason: row.state_reason, stateBy: row.state_by, stateAtMs: row.state_at_ms },
    ...{ createdAtMs: row.created_at_ms, updatedAtMs: row.updated_at_ms },
  };
}

/** In the order of `DRAFT_COLUMNS`. */
export const draftValues = (draft: ChannelDraft): readonly (string | null)[] => [
  ...[draft.id, draft.type, draft.adapter, draft.name, draft.direction, draft.endpoint],
  ...[JSON.stringify(Object.fromEntries(draft.locations)), draft.listings],
  draft.eventTypes === null ? null : JSON.stringify(draft.eventTypes),
  ...[JSON.stringify(draft.outbound), JSON.stringify(draft.countApproval)],
];
export const DRAFT_COLUMNS = [
  ...["id", "type", "adapter", "name", "direction", "endpoint"],
  ...["locations", "listings", "event_types", "outbound", "count_approval"],
] as const;

/** D1 gives a BLOB back as an array of numbers. */
type Blob_ = ArrayBuffer | readonly number[];
export type SecretRow = {
  name: string;
  version: number;
  created_at_ms: number;
  retires_at_ms: number | null;
  ciphertext: Blob_;
  iv: Blob_;
};

export const factsOf = (row: Omit<SecretRow, "ciphertext" | "iv">): SecretFacts => ({
  name: row.name,
  version: row.version,
  createdAtMs: row.created_at_ms,
  retiresAtMs: row.retires_at_ms,
});

export const secretOf = (row: SecretRow): StoredSecret => ({
  ...factsOf(row),
  sealed: { ciphertext: new Uint8Array(row.ciphertext), iv: new Uint8Array(row.iv) },
});
