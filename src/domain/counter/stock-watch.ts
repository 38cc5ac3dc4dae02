/**
 * Which scopes of a SKU (in all, and each location) are low or out, and the news of each crossing. Pure.
 *
 * No flapping, for three reasons. Low ends only above `lowAt` plus the hysteresis, and out only at `backAt`. What is certain
 * (no doubt, no announced order: the ledger itself) is told at once; anything else must hold for `crossingMs`, because an
 * announced order stands at a place that was only guessed, and a doubt at its worst, until a read settles both.
 *
 * What was so before is no news. A scope that is watched for the first time by what holds for all SKUs takes its state
 * without a word (a first import would tell of thousands at once). Who sets thresholds of a SKU itself hears at once if it
 * is low or out and nobody was ever told.
 */
import type { LocationId } from "../ids.ts";
import type { LocationView } from "../levels-view.ts";
import type { StockNews } from "./counter-news.ts";
import {
  NO_THRESHOLDS,
  type Scope,
  type StockThresholds,
  saidOf,
  type Thresholds,
  thresholdsOf,
} from "./thresholds.ts";

export type StockState = "ok" | "low" | "out";

export type ScopeWatch = {
  readonly state: StockState;
  /** Whether people were told of the state that it is in. */
  readonly isTold: boolean;
  /** A change that is not certain yet, and since when it holds (epoch ms). */
  readonly crossing: { readonly to: StockState; readonly sinceMs: number } | null;
};

export type WatchState = {
  readonly own: StockThresholds;
  /** What holds for all SKUs, as far as this counter has learnt it, and the revision of that word. */
  readonly defaults: StockThresholds;
  readonly revision: number;
  /** News told so far: numbers them. */
  readonly told: number;
  readonly scopes: ReadonlyMap<Scope, ScopeWatch>;
};

export const NO_WATCH: WatchState = {
  ...{ own: NO_THRESHOLDS, defaults: NO_THRESHOLDS, revision: 0, told: 0, scopes: new Map() },
};

/** Longer than an announced order may stand at the wrong place: its grace (5 s), and a read with some patience. */
export const WATCH_WINDOWS = { crossingMs: 15_000 };
export type WatchWindows = typeof WATCH_WINDOWS;

/** @returns the same state when nothing changes */
export function watchStock(
  before: WatchState,
  shown: readonly LocationView[],
  { crossingMs }: WatchWindows,
  nowMs: number,
): { readonly watch: WatchState; readonly news: readonly StockNews[] } {
  if (shown.length === 0) return { watch: before, news: [] };
  const scopes = new Map<Scope, ScopeWatch>();
  const news: StockNews[] = [];
  for (const standing of standingsOf(shown)) {
    const thresholds = thresholdsOf(standing.scope, before.own, before.defaults);
    if (thresholds === null) continue;
    const was = before.scopes.get(standing.scope) ?? firstSight(standing, thresholds, before.own);
    const now = afterLook(was, standing, thresholds, crossingMs, nowMs);
    scopes.set(standing.scope, now);
    const state = now.state === was.state ? null : wordFor(was.state, now.state);
    if (state === null) continue;
    const locationId = standing.scope === "all" ? null : standing.scope;
    const { available } = standing;
    const number = before.told + news.length + 1;
    news.push({ kind: "stock", number, state, locationId, available, lowAt: thresholds.lowAt, atMs: nowMs });
  }
  if (news.length === 0 && isSame(before.scopes, scopes)) return { watch: before, news };
  return { watch: { ...before, scopes, told: before.told + news.length }, news };
}

/** What a person says of the SKU. What nobody was told of is looked at as if for the first time. */
export const withThresholds = (before: WatchState, own: StockThresholds): WatchState => ({
  ...before,
  own,
  scopes: new Map([...before.scopes].filter(([, { state, isTold }]) => isTold || state === "ok")),
});

/** What holds for all SKUs. An older word than the known one changes nothing. */
export const withDefaultThresholds = (
  before: WatchState,
  defaults: StockThresholds | null,
  revision: number,
): WatchState => (revision <= before.revision ? before : { ...before, defaults: defaults ?? NO_THRESHOLDS, revision });

/** When a crossing that is not certain has held long enough; Infinity: there is none. */
export const nextCrossingMs = ({ scopes }: WatchState, { crossingMs }: WatchWindows): number =>
  Math.min(
    Number.POSITIVE_INFINITY,
    ...Array.from(scopes.values(), ({ crossing }) =>
      crossing === null ? Number.POSITIVE_INFINITY : crossing.sinceMs + crossingMs,
    ),
  );

type Standing = { readonly scope: Scope; readonly available: number; readonly isCertain: boolean };

/** In all first. */
function standingsOf(shown: readonly LocationView[]): readonly Standing[] {
  const locations = shown.map((level) => ({
    scope: level.locationId as LocationId as Scope,
    available: level.available,
    isCertain: level.doubt === 0 && level.anticipated === 0,
  }));
  return [{ scope: "all", ...inAll(shown) }, ...locations];
}

/** Units over all locations, and whether nothing of them is in doubt or only announced. */
export const inAll = (shown: readonly LocationView[]): { readonly available: number; readonly isCertain: boolean } => ({
  available: shown.reduce((sum, { available }) => sum + available, 0),
  isCertain: shown.every(({ doubt, anticipated }) => doubt === 0 && anticipated === 0),
});

function firstSight({ scope, available }: Standing, thresholds: Thresholds, own: StockThresholds): ScopeWatch {
  const isOwn = (saidOf(scope, own) ?? null) !== null;
  return { state: isOwn ? "ok" : stateAt("ok", available, thresholds), isTold: false, crossing: null };
}

/** The same object when nothing changes. */
function afterLook(
  was: ScopeWatch,
  { available, isCertain }: Standing,
  thresholds: Thresholds,
  crossingMs: number,
  nowMs: number,
): ScopeWatch {
  const to = stateAt(was.state, available, thresholds);
  if (to === was.state) return was.crossing === null ? was : { ...was, crossing: null };
  const crossing = was.crossing?.to === to ? was.crossing : { to, sinceMs: nowMs };
  if (isCertain || nowMs - crossing.sinceMs >= crossingMs) return { state: to, isTold: true, crossing: null };
  return crossing === was.crossing ? was : { ...was, crossing };
}

function stateAt(was: StockState, available: number, { lowAt, backAt, hysteresis }: Thresholds): StockState {
  if (available <= 0 || (was === "out" && available < backAt)) return "out";
  const limit = lowAt === null ? null : was === "low" ? lowAt + hysteresis : lowAt;
  return limit !== null && available <= limit ? "low" : "ok";
}

/** Null: that it is low no longer is no news. */
function wordFor(was: StockState, now: StockState): StockNews["state"] | null {
  if (now === "out") return "out";
  if (was === "out") return "back";
  return now === "low" ? "low" : null;
}

const isSame = (a: ReadonlyMap<Scope, ScopeWatch>, b: ReadonlyMap<Scope, ScopeWatch>): boolean =>
  a.size === b.size && [...b].every(([scope, watch]) => a.get(scope) === watch);
