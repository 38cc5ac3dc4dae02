/**
 * Layer 3, events of channels: what has happened is routed to the counters, which are asked once per batch together with all
 * other events of it; what a counter answered becomes the event's verdict. Lines are never summed.
 */
import type { ChannelEvent } from "../domain/channel/channel-event.ts";
import type { EventOutcome } from "../domain/counter/counter-event.ts";
import type { ChannelId, CorrelationId } from "../domain/ids.ts";
import { reasonOf } from "../observability/log.ts";
import type { ChannelDirectory, KnownChannel } from "./channels/channel-directory.ts";
import type { FactEvent } from "./channels/channel-event-lines.ts";
import { placeOf } from "./channels/place-of.ts";
import { type ResolveItemsDeps, resolveItems } from "./channels/resolve-items.ts";
import {
  type EventNames,
  onlyLines,
  type RoutedChannelEvent,
  routeChannelEvent,
} from "./channels/route-channel-event.ts";
import type { CounterLine, EventAccount, LineAnswer, RetryCode } from "./take-in-events.ts";

export type IncomingChannelEvent = {
  readonly channel: ChannelId;
  readonly correlationId: CorrelationId;
  /** Of the envelope. */
  readonly eventId: string;
  readonly occurredAtMs: number;
  /** When its producer was answered (epoch ms). */
  readonly receivedAtMs: number;
  readonly event: ChannelEvent;
};

export type IncomingFact = IncomingChannelEvent & { readonly event: FactEvent };

export type ChannelVerdict =
  | { readonly kind: "done" }
  /** `rest`: the lines that a person must look at. The others counted. */
  | {
      readonly kind: "dead";
      readonly code: string;
      readonly message: string;
      readonly subject: string;
      readonly rest: ChannelEvent;
    }
  | { readonly kind: "retry"; readonly reason: string; readonly code?: RetryCode };

export interface ChannelFactsDeps extends ResolveItemsDeps {
  readonly directory: Pick<ChannelDirectory, "get">;
}

/** An event on its way: what the counters are told of it, or why none is. */
export type FactRoute = { readonly incoming: IncomingFact } & (
  | { readonly kind: "routed"; readonly routed: RoutedChannelEvent; readonly names: EventNames }
  | { readonly kind: "stopped"; readonly verdict: ChannelVerdict }
);

export async function routeFacts(
  incoming: readonly IncomingFact[],
  deps: ChannelFactsDeps,
): Promise<readonly FactRoute[]> {
  if (incoming.length === 0) return [];
  const named = incoming.map(({ channel, event }) => ({ channel, refs: event.lines.map(({ item }) => item) }));
  const [channels, items] = await Promise.all([
    lookUp(new Set(incoming.map(({ channel }) => channel)), deps.directory),
    resolveItems(named, deps),
  ]);
  return incoming.map((one): FactRoute => {
    const { channel, correlationId, occurredAtMs, event } = one;
    const known = channels.get(channel) ?? null;
    if (known === null) return { incoming: one, kind: "stopped", verdict: unknownChannel(one) };
    if ("fault" in known)
      return { incoming: one, kind: "stopped", verdict: { kind: "retry", reason: known.fault, code: "catalogue" } };
    const { channel: settings } = known;
    const names: EventNames = {
      item: (ref) => items.of(channel, ref),
      location: (name) => placeOf(settings, name),
    };
    const context = { channel, correlationId, occurredAtMs, countApproval: settings.countApproval, ...names };
    return { incoming: one, kind: "routed", routed: routeChannelEvent(event, context), names };
  });
}

type LookedUp = KnownChannel | { readonly fault: string } | null;

async function lookUp(
  ids: ReadonlySet<ChannelId>,
  directory: ChannelFactsDeps["directory"],
): Promise<ReadonlyMap<ChannelId, LookedUp>> {
  const found = await Promise.all(
    Array.from(ids, async (id): Promise<readonly [ChannelId, LookedUp]> => {
      try {
        return [id, await directory.get(id)];
      } catch (error) {
        return [id, { fault: `channels: ${reasonOf(error)}` }];
      }
    }),
  );
  return new Map(found);
}

const unknownChannel = ({ channel, event }: IncomingFact): ChannelVerdict => ({
  ...{ kind: "dead", code: "unknown_channel", message: `there is no channel ${channel}` },
  ...{ subject: `channel ${channel}`, rest: event },
});

export const linesOfRoute = (route: FactRoute): readonly CounterLine[] =>
  route.kind === "stopped"
    ? []
    : route.routed.lines.map(({ skuId, event }) => ({ skuId, event, receivedAtMs: route.incoming.receivedAtMs }));

/** @param answers  one per line of the route, same order */
export function verdictOfFact(route: FactRoute, answers: readonly LineAnswer[]): ChannelVerdict {
  if (route.kind === "stopped") return route.verdict;
  const { routed, incoming } = route;
  for (const answer of answers) {
    if (answer.kind === "unanswered") return { kind: "retry", reason: answer.reason, code: answer.code };
    if (answer.kind === "locked")
      return { kind: "retry", reason: "somebody holds the lease of a SKU", code: "counter" };
  }
  if (routed.isUnsure) return { kind: "retry", reason: "the catalogue cannot be asked", code: "catalogue" };
  const refused = routed.lines.flatMap(({ line, skuId }, i) => {
    const code = refusalOf(answers[i]);
    return code === undefined ? [] : [{ line, code, subject: `line ${line} (counter ${skuId}): ${WORDS[code]}` }];
  });
  const [first] = [...routed.problems, ...refused];
  if (first === undefined) return { kind: "done" };
  const rest = onlyLines(incoming.event, new Set([...routed.problems, ...refused].map(({ line }) => line)));
  const unknown = eachOnce(routed.problems.map(({ subject }) => subject));
  const subject = eachOnce([...routed.problems, ...refused].map((problem) => problem.subject));
  const reasons = [
    ...(unknown === "" ? [] : [`not known, or not to be counted so: ${unknown}`]),
    ...(refused.length === 0 ? [] : [eachOnce(refused.map((each) => each.subject))]),
  ];
  return { kind: "dead", code: first.code, message: reasons.join("; "), subject, rest: rest ?? incoming.event };
}

const eachOnce = (subjects: readonly string[]): string => [...new Set(subjects)].join(", ");

type Refusal = "key_reused" | "unknown_location" | "too_old" | "out_of_range" | "precondition_required";

/** What a person must look at. Everything else that a counter answers to a fact means that it counts, or has counted. */
const REFUSALS: { readonly [Kind in EventOutcome["kind"]]?: Refusal } = {
  key_reused: "key_reused",
  count_key_reused: "key_reused",
  unknown_location: "unknown_location",
  no_such_location: "unknown_location",
  too_old: "too_old",
  out_of_range: "out_of_range",
  precondition_required: "precondition_required",
};

const refusalOf = (answer: LineAnswer | undefined): Refusal | undefined =>
  answer === undefined || answer.kind === "unanswered" ? undefined : REFUSALS[answer.kind];

const WORDS: Readonly<Record<Refusal, string>> = {
  key_reused: "told before with other units",
  unknown_location: "not stocked at this location",
  too_old: "older than the movements that are kept",
  out_of_range: "the level would leave the range that Shopify takes",
  precondition_required: "its strategy wants a version or a lease with every count",
};

const AGAIN: ReadonlySet<string> = new Set(["duplicate", "counted_already", "known"]);

export function accountOfFact(route: FactRoute, answers: readonly LineAnswer[]): EventAccount {
  if (route.kind === "stopped") return { outcome: "nothing_new", skuIds: [] };
  const skuIds = [...new Set(route.routed.lines.map(({ skuId }) => skuId))];
  const told = answers.filter((answer) => answer.kind !== "unanswered" && refusalOf(answer) === undefined);
  if (told.length === 0) return { outcome: "nothing_new", skuIds };
  return { outcome: told.every(({ kind }) => AGAIN.has(kind)) ? "duplicate" : "counted", skuIds };
}
