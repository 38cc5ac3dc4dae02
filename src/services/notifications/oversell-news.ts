/**
 * When an oversell becomes news. What is certain is told at once. What is only announced (an order whose level has not come,
 * a doubt at its worst) must hold for some seconds, because a read mostly finds the units elsewhere. Its end is told to whoever
 * was told of its beginning.
 */
import { newsIdOf, newsOfOversell } from "../../domain/notification/from-oversell.ts";
import type { Notifier } from "../../domain/notification/notification.ts";
import type { Oversell, OversellNews, OversellStore } from "../oversells.ts";

export interface OversellNewsDeps {
  readonly oversells: Pick<OversellStore, "get">;
  readonly notifier: Notifier;
  /** Whether news of this id was told. */
  isTold(newsId: string): Promise<boolean>;
  /** Comes back to `checkOversell` once it must have held. Rejects when the queue refuses. */
  checkLater(oversellId: string): Promise<void>;
}

/** @param news  stored already. Rejects when something is away: the same again tells nobody twice */
export async function tellOversell(
  news: OversellNews & { readonly id: string; readonly certain?: number },
  deps: OversellNewsDeps,
): Promise<void> {
  if (news.units > 0) {
    if ((news.certain ?? news.units) > 0) await deps.notifier.publish([newsOfOversell(news)]);
    else await deps.checkLater(news.id);
  } else if (await deps.isTold(newsIdOf(news.id))) await deps.notifier.publish([newsOfOversell(news)]);
}

export async function checkOversell(oversellId: string, deps: OversellNewsDeps): Promise<void> {
  const held = await deps.oversells.get(oversellId);
  if (held === null || held.resolvedAtMs !== null) return;
  await deps.notifier.publish([newsOfOversell(held)]);
  // It may have ended between the two, when nobody had been told of its beginning yet.
  const now = await deps.oversells.get(oversellId);
  if (now !== null && now.resolvedAtMs !== null)
    await deps.notifier.publish([newsOfOversell(endOf(now, now.resolvedAtMs))]);
}

const endOf = (oversell: Oversell, atMs: number): Oversell => ({ ...oversell, units: 0, sales: [], atMs });
