/**
 * Replay of dead letters: each is processed afresh and still counts once, because its business keys are what counts. Sent
 * first, noted after: a crash in between leaves a letter that may be replayed again.
 */
import {
  type ChannelId,
  type CorrelationId,
  type ListingId,
  type LocationId,
  parseChannelId,
  parseShopDomain,
  type ShopDomain,
  type SkuId,
} from "../domain/ids.ts";
import { atMost } from "./at-most.ts";
import type { ReplayMark } from "./dead-letters/jobs.ts";
import type { DeadLetterStatus, DeadLetterStore, LetterAct, StoredDeadLetter } from "./dead-letters.ts";

export type ReplayOutcome =
  /** It was sent; its status is `waiting` when it died again meanwhile. */
  | { readonly kind: "replayed"; readonly letter: StoredDeadLetter; readonly status: DeadLetterStatus }
  | { readonly kind: "unknown" }
  | { readonly kind: "not_replayable"; readonly reason: string };

export type ParkedLevels = {
  readonly skuId: SkuId;
  readonly listingId: ListingId;
  readonly locationIds: readonly LocationId[];
};

/** Text: why it cannot be taken in. */
export type TakenInAgain = "sent" | "nothing" | { readonly why: string };

export interface ReplayDeps {
  readonly store: Pick<DeadLetterStore, "get" | "markReplayed">;
  /** Take in a body that could not be read when it came. */
  takeIn(
    letter: Pick<StoredDeadLetter, "origin" | "topic" | "payload" | "eventId"> & {
      readonly shop: ShopDomain | ChannelId;
      readonly correlationId: CorrelationId;
    },
    mark: ReplayMark | null,
  ): Promise<TakenInAgain>;
  /** Put bodies back on the queue where they died; false: there is no such queue any more. Throws when it refuses. */
  send(queue: string, bodies: readonly unknown[]): Promise<boolean>;
  parkedLevels(body: unknown): ParkedLevels | null;
  unpark(levels: ParkedLevels): Promise<void>;
  nowMs(): number;
}

export async function replayDeadLetter(
  id: string,
  by: Omit<LetterAct, "atMs">,
  deps: ReplayDeps,
): Promise<ReplayOutcome> {
  const letter = await deps.store.get(id);
  if (letter === null) return { kind: "unknown" };
  const { sent, fault } = await sendLetters([letter], null, deps);
  if (fault !== null) throw fault;
  const outcome = sent.get(id);
  if (outcome?.kind === "not_replayable") return outcome;
  const status = await deps.store.markReplayed(id, letter.deaths, { ...by, atMs: deps.nowMs() });
  return { kind: "replayed", letter, status };
}

export type SentLetter =
  | { readonly kind: "sent" }
  /** Nothing had to be sent, or it was done at once. */
  | { readonly kind: "done" }
  | { readonly kind: "not_replayable"; readonly reason: string };

/** What was not sent for a fault is in no entry of `sent`. */
export type SentLetters = { readonly sent: ReadonlyMap<string, SentLetter>; readonly fault: unknown };

/** Bodies read again, or counters told, at once. */
const ONE_BY_ONE_MAX = 20;

/** @param job  null: nobody has to hear of their end */
export async function sendLetters(
  letters: readonly StoredDeadLetter[],
  job: string | null,
  deps: Omit<ReplayDeps, "store">,
): Promise<SentLetters> {
  const sent = new Map<string, SentLetter>();
  const single: StoredDeadLetter[] = [];
  const queued = new Map<string, StoredDeadLetter[]>();
  for (const letter of letters) {
    const reason = obstacleOf(letter);
    if (reason !== null) sent.set(letter.id, { kind: "not_replayable", reason });
    else if (isBody(letter) || deps.parkedLevels(letter.payload) !== null) single.push(letter);
    else {
      const queue = letter.origin.slice("queue/".length);
      queued.set(queue, [...(queued.get(queue) ?? []), letter]);
    }
  }
  const faults: unknown[] = [];
  for (const [queue, those] of queued) {
    try {
      const isThere = await deps.send(
        queue,
        those.map((letter) => marked(letter, job)),
      );
      const outcome: SentLetter = isThere
        ? { kind: "sent" }
        : { kind: "not_replayable", reason: `there is no queue "${queue}"` };
      for (const { id } of those) sent.set(id, outcome);
    } catch (fault) {
      faults.push(fault);
    }
  }
  await atMost(ONE_BY_ONE_MAX, single, async (letter) => {
    try {
      sent.set(letter.id, await sendOne(letter, job, deps));
    } catch (fault) {
      faults.push(fault);
    }
  });
  return { sent, fault: faults[0] ?? null };
}

function obstacleOf({ truncated, outlinedAtMs, payload, origin, shop }: StoredDeadLetter): string | null {
  if (truncated) return "its payload was cut when it was kept";
  if (outlinedAtMs !== null) return "its payload was replaced by an outline after a week: edit it";
  if (typeof payload !== "object" || payload === null) return "its payload is no message: edit it";
  return isBody({ origin }) && shop === null ? "it names no shop" : null;
}

/** A body that could not be read when it came; every other letter is a message. */
const isBody = ({ origin }: Pick<StoredDeadLetter, "origin">): boolean => origin.startsWith("ingress/");

async function sendOne(
  letter: StoredDeadLetter,
  job: string | null,
  deps: Omit<ReplayDeps, "store">,
): Promise<SentLetter> {
  const parked = deps.parkedLevels(letter.payload);
  if (parked !== null) {
    await deps.unpark(parked);
    return { kind: "done" };
  }
  const shop = letter.origin === "ingress/shopify" ? parseShopDomain(letter.shop) : parseChannelId(letter.shop);
  if (!shop.ok) return { kind: "not_replayable", reason: "it names no shop" };
  const taken = await deps.takeIn({ ...letter, shop: shop.value }, markOf(letter, job));
  if (taken === "sent" || taken === "nothing") return { kind: taken === "sent" ? "sent" : "done" };
  return { kind: "not_replayable", reason: taken.why };
}

/** An unreadable message has no name of its own: by the mark its next death is the same letter's. */
const markOf = ({ id, deaths, topic }: StoredDeadLetter, job: string | null): ReplayMark | null =>
  job === null && topic !== "unreadable" ? null : { letter: id, deaths, job };

/** What a replay sends: the body as it died, with the mark of its job. */
function marked(letter: StoredDeadLetter, job: string | null): unknown {
  const mark = markOf(letter, job);
  return mark === null ? letter.payload : { ...(letter.payload as object), replay: mark };
}
