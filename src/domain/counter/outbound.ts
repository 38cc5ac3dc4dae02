/**
 * What each channel was last told of a SKU, and whether that is what it may show now. Levels are absolute and bear the
 * counter's version, so a channel that keeps the highest is right whatever was lost, doubled or late on the way.
 */
import type { ChannelId } from "../ids.ts";
import { type ChannelSellable, channelSellable } from "./channel-sellable.ts";
import type { CounterState } from "./counter-state.ts";

/** `since`: the channel's revision; a change of it has the channel told anew. `items`: what it calls the SKU; none: as we do. */
export type OutboundTerms = { readonly since: number; readonly items: readonly string[] };

/** `digest`: all of what the channel is shown, as text. The version alone would call a change what none sees. */
export type ToldLevels = { readonly version: number; readonly digest: string };

export type OutboundChannel = {
  /** Null: it is told nothing of this SKU. */
  readonly terms: OutboundTerms | null;
  /** Of the newest word about it. */
  readonly revision: number;
  /** The newest that it is known to have. */
  readonly told: ToldLevels | null;
  /** Handed out, and not answered for: it may have it, or come to have it yet. */
  readonly handed: ToldLevels | null;
};

export type Outbound = ReadonlyMap<ChannelId, OutboundChannel>;

export const NO_OUTBOUND: Outbound = new Map();

/** What a channel may show now; `isTold`: it is known to have it. */
export type LevelsToTell = ToldLevels & {
  readonly terms: OutboundTerms;
  readonly sellable: ChannelSellable;
  readonly isTold: boolean;
};

/** A newer word takes the place of an older one. What was told is kept: a digest says under which terms it was. */
export function withTerms(
  outbound: Outbound,
  channel: ChannelId,
  { terms, revision }: Pick<OutboundChannel, "terms" | "revision">,
): Outbound {
  const known = outbound.get(channel);
  if (known !== undefined && known.revision >= revision) return outbound;
  if (terms === null) return new Map(outbound).set(channel, { terms, revision, told: null, handed: null });
  return new Map(outbound).set(channel, { told: null, handed: null, ...known, terms, revision });
}

/** Null: the channel is told nothing of this SKU. */
export function levelsToTell(state: CounterState, channel: ChannelId, nowMs: number): LevelsToTell | null {
  const { terms = null, told = null, handed = null } = state.outbound.get(channel) ?? {};
  if (terms === null) return null;
  const sellable = channelSellable(state, channel, nowMs);
  const digest = digestOf(terms, sellable);
  return {
    ...{ terms, sellable, version: state.version, digest },
    isTold: handed === null && told?.digest === digest,
  };
}

export type OutboundNeeds = {
  /** Channels that may show something else than they have, or are about to have. */
  readonly wanting: ReadonlySet<ChannelId>;
  /** Channels whose hand-out is not answered for. */
  readonly open: ReadonlySet<ChannelId>;
  /** Of the wanting: those that may show nothing from now on, and do. */
  readonly urgent: ReadonlySet<ChannelId>;
};

const NOTHING_NEEDED: OutboundNeeds = { wanting: new Set(), open: new Set(), urgent: new Set() };

export function outboundNeeds(state: CounterState, nowMs: number): OutboundNeeds {
  if (state.outbound.size === 0) return NOTHING_NEEDED;
  const needs = { wanting: new Set<ChannelId>(), open: new Set<ChannelId>(), urgent: new Set<ChannelId>() };
  for (const [channel, { told, handed }] of state.outbound) {
    const now = levelsToTell(state, channel, nowMs);
    if (now === null) continue;
    const newest = handed ?? told;
    if (handed !== null) needs.open.add(channel);
    if (newest?.digest === now.digest) continue;
    needs.wanting.add(channel);
    if (now.sellable.sellable === 0 && newest !== null && unitsIn(newest.digest) > 0) needs.urgent.add(channel);
  }
  return needs;
}

/** What it may show leaves for the channel. */
export function withHanded(outbound: Outbound, channel: ChannelId, { version, digest }: ToldLevels): Outbound {
  const known = outbound.get(channel);
  if (known === undefined) return outbound;
  if (known.handed?.version === version && known.handed.digest === digest) return outbound;
  return new Map(outbound).set(channel, { ...known, handed: { version, digest } });
}

/**
 * The channel has it. Late and repeated answers are harmless: an older one changes nothing, and of one version the newest
 * hand-out counts.
 */
export function withTold(outbound: Outbound, channel: ChannelId, { version, digest }: ToldLevels): Outbound {
  const known = outbound.get(channel);
  if (known === undefined || known.terms === null) return outbound;
  const { told, handed } = known;
  const isHanded = handed?.version === version && handed.digest === digest;
  if (!isHanded && told !== null && version <= told.version) return outbound;
  return new Map(outbound).set(channel, { ...known, told: { version, digest }, handed: isHanded ? null : handed });
}

/** Units first, so that they can be read from it again; then everything else that the channel is shown. */
const digestOf = ({ since, items }: OutboundTerms, { sellable, sku, locations }: ChannelSellable): string =>
  JSON.stringify([
    ...[sellable, since, sku, items],
    locations.filter((at) => at.sellable !== 0).map((at) => [at.locationId, at.sellable]),
  ]);

/** What it is known to have shown last; null: nothing is known. */
export function unitsTold({ outbound }: Pick<CounterState, "outbound">, channel: ChannelId): number | null {
  const told = outbound.get(channel)?.told ?? null;
  return told === null ? null : unitsIn(told.digest);
}

const unitsIn = (digest: string): number => Number(/^\[(\d+)/.exec(digest)?.[1] ?? 0);
