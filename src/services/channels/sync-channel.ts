/**
 * Layer 3, sync of a channel that is told levels: what may it show now? Read at the time of sending, so late, repeated and
 * replayed signals are harmless, and a thousand orders on one SKU cost a handful of calls. What must show nothing goes
 * first, in a call of its own.
 */
import { isToldLevels } from "../../domain/channel/channel.ts";
import { type LevelRow, levelRowsOf } from "../../domain/channel/level-rows.ts";
import type { ChannelId, CorrelationId, SkuId } from "../../domain/ids.ts";
import { type Log, reasonOf } from "../../observability/log.ts";
import { atMost } from "../at-most.ts";
import type { Counters, TakenLevels } from "../counter-contract.ts";
import type { CallChannel } from "./channel-call.ts";
import type { ChannelDirectory, KnownChannel } from "./channel-directory.ts";
import { type ChannelVerdict, verdictOf, WITHHELD } from "./channel-verdict.ts";

export interface SyncChannelDeps {
  readonly channels: Pick<ChannelDirectory, "get">;
  readonly counters: Counters;
  readonly callChannel: CallChannel;
  /** The receiver answered 410. Rejects when it could not be paused. */
  onGone(channel: KnownChannel["channel"]): Promise<void>;
  /** Counters called at once. */
  readonly callsMax: number;
  readonly log: Log;
  nowMs(): number;
}

export type SyncedSku = {
  readonly verdict: ChannelVerdict;
  /** The cause that was told of, and its receipt (epoch ms); null: unknown. */
  readonly correlationId: CorrelationId | null;
  readonly receivedAtMs: number | null;
};

type Taken = { readonly skuId: SkuId; readonly levels: TakenLevels; readonly rows: readonly LevelRow[] };
type Answers = Map<SkuId, SyncedSku>;

const of = (verdict: ChannelVerdict): SyncedSku => ({ verdict, correlationId: null, receivedAtMs: null });
const done = (outcome: (ChannelVerdict & { kind: "done" })["outcome"]): SyncedSku => of({ kind: "done", outcome });

/** @returns an answer for each SKU */
export async function syncChannel(
  channelId: ChannelId,
  signals: readonly { readonly skuId: SkuId; readonly urgent: boolean }[],
  deps: SyncChannelDeps,
): Promise<ReadonlyMap<SkuId, SyncedSku>> {
  const answers: Answers = new Map();
  const answerAll = (answer: SyncedSku) => new Map(signals.map(({ skuId }) => [skuId, answer] as const));
  let known: KnownChannel | null;
  try {
    known = await deps.channels.get(channelId);
  } catch (error) {
    return answerAll(of({ kind: "retry", reason: `channel ${channelId}: ${reasonOf(error)}`, code: "catalogue" }));
  }
  // Its counters learn the same by their words; once it goes on, another word makes them tell it anew.
  if (known === null || !isToldLevels(known.channel)) return answerAll(done("paused"));
  const urgent = new Set(signals.filter((signal) => signal.urgent).map(({ skuId }) => skuId));
  const others = new Set(signals.map(({ skuId }) => skuId).filter((skuId) => !urgent.has(skuId)));
  for (const skuIds of [urgent, others]) {
    const taken = await takeAll(known, [...skuIds], answers, deps);
    const sudden = taken.filter((each) => urgent.has(each.skuId) || isSudden(each));
    await tell(known, sudden, true, answers, deps);
    await tell(
      known,
      taken.filter((each) => !sudden.includes(each)),
      false,
      answers,
      deps,
    );
  }
  return answers;
}

/** It shows units that it may not show any more. */
const isSudden = ({ levels, rows }: Taken): boolean =>
  (levels.toldUnits ?? 0) > 0 && rows.every(({ available }) => available === 0);

async function takeAll(
  { channel }: KnownChannel,
  skuIds: readonly SkuId[],
  answers: Answers,
  { counters, callsMax }: SyncChannelDeps,
): Promise<readonly Taken[]> {
  const taken = await atMost(callsMax, skuIds, async (skuId): Promise<Taken | null> => {
    try {
      const levels = await counters.of(skuId).takeLevels(channel.id);
      if (levels === null || levels.isTold) {
        answers.set(skuId, done("nothing"));
        return null;
      }
      if (levels.terms.since > channel.revision) {
        // The counter has heard of a change that this isolate has not: what it would do now may be wrong.
        answers.set(skuId, of({ kind: "retry", reason: "the channel has changed just now", code: "catalogue" }));
        return null;
      }
      return { skuId, levels, rows: levelRowsOf(channel, levels.terms.items, levels.sellable) };
    } catch (error) {
      answers.set(skuId, of({ kind: "retry", reason: `counter ${skuId}: ${reasonOf(error)}`, code: "counter" }));
      return null;
    }
  });
  return taken.filter((each) => each !== null);
}

/** The rows of a SKU stay together: it is told when all of them are. */
async function tell(
  known: KnownChannel,
  taken: readonly Taken[],
  urgent: boolean,
  answers: Answers,
  deps: SyncChannelDeps,
): Promise<void> {
  const { batchMax } = known.channel.outbound;
  let chunk: Taken[] = [];
  let size = 0;
  for (const each of taken) {
    if (size > 0 && size + each.rows.length > batchMax) {
      await tellChunk(known, chunk, urgent, answers, deps);
      [chunk, size] = [[], 0];
    }
    chunk.push(each);
    size += each.rows.length;
  }
  if (chunk.length > 0) await tellChunk(known, chunk, urgent, answers, deps);
}

async function tellChunk(
  known: KnownChannel,
  chunk: readonly Taken[],
  urgent: boolean,
  answers: Answers,
  deps: SyncChannelDeps,
): Promise<void> {
  const levels = chunk.flatMap(({ rows }) => rows);
  const content = JSON.stringify(levels.map(({ asOf: _, ...row }) => row));
  const message = { type: "stock.levels", data: { levels }, content, urgent } as const;
  const called = known.channel.readOnly ? WITHHELD : await deps.callChannel(known, message);
  if (called.kind === "refused" && called.isAboutContent && chunk.length > 1) {
    // One row that it does not like must not keep the others from it: halves find it.
    const middle = Math.ceil(chunk.length / 2);
    for (const half of [chunk.slice(0, middle), chunk.slice(middle)])
      await tellChunk(known, half, urgent, answers, deps);
    return;
  }
  if (called.kind === "gone") await pause(known, deps);
  if (called.kind === "taken" || called.kind === "withheld") await acknowledge(known, chunk, deps);
  if (called.kind === "wait" || called.kind === "failed")
    await postpone(known, chunk, called.kind === "wait" ? called.untilMs : null, deps);
  const verdict = verdictOf(called);
  for (const { skuId, levels: told } of chunk)
    answers.set(skuId, { verdict, correlationId: told.correlationId, receivedAtMs: told.receivedAtMs });
}

/** That the channel has it is for the counter to know: should it not hear of it, it signals once more. */
async function acknowledge(
  { channel }: KnownChannel,
  chunk: readonly Taken[],
  { counters, callsMax, log }: SyncChannelDeps,
): Promise<void> {
  await atMost(callsMax, chunk, async ({ skuId, levels: { version, digest } }) => {
    try {
      await counters.of(skuId).levelsTold(channel.id, { version, digest });
    } catch (error) {
      log("warn", "levels.not_acknowledged", { skuId, shop: channel.id, reason: reasonOf(error) });
    }
  });
}

/** Their signals come again by themselves; a counter that does not know makes more of them, nothing worse. */
async function postpone(
  { channel }: KnownChannel,
  chunk: readonly Taken[],
  untilMs: number | null,
  { counters, callsMax, log, nowMs }: SyncChannelDeps,
): Promise<void> {
  await atMost(callsMax, chunk, async ({ skuId }) => {
    try {
      await counters.of(skuId).levelsPostponed(channel.id, untilMs ?? nowMs());
    } catch (error) {
      log("warn", "levels.not_acknowledged", { skuId, shop: channel.id, reason: reasonOf(error) });
    }
  });
}

/** Nothing is lost if that fails: the counters still owe it their levels, and the next call is answered 410 again. */
async function pause({ channel }: KnownChannel, { onGone, log }: SyncChannelDeps): Promise<void> {
  try {
    await onGone(channel);
  } catch (error) {
    log("warn", "channel.not_paused", { shop: channel.id, reason: reasonOf(error) });
  }
}
