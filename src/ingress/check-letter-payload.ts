/**
 * A payload that a person has put in the place of a dead letter's: held against the schema of where it goes, and cut to what
 * that knows, so that nothing else is kept. An edit mends what the event tells; which event it is stays.
 */
import { err, ok, type Result } from "../domain/result.ts";
import { parseAlertNotice } from "../queues/alert-notice.ts";
import { parseBreakerNotice } from "../queues/breaker-notice.ts";
import { parseCountNotice } from "../queues/count-notice.ts";
import { parseDeliverNotice } from "../queues/deliver-notice.ts";
import { isOfShop, parseEnvelope, senderOf } from "../queues/envelope.ts";
import { refsInBody, refsOf } from "../queues/letter-refs.ts";
import { parseOversellNotice } from "../queues/oversell-notice.ts";
import { parseOversoldCheck } from "../queues/oversold-check.ts";
import { parseParkedLevel } from "../queues/parked-level.ts";
import { specOf } from "../queues/queue-table.ts";
import { parseReorderNotice } from "../queues/reorder-notice.ts";
import { parseReplayNotice } from "../queues/replay-notice.ts";
import { parseSignal } from "../queues/signal.ts";
import { parseStockNotice } from "../queues/stock-notice.ts";
import type { Unreadable } from "../queues/unreadable.ts";
import type { EditedPayload, StoredDeadLetter } from "../services/dead-letters.ts";
import { keptOf } from "./adapter-letter.ts";
import { adapterOf } from "./adapters/adapters.ts";
import { isShopifyTopic, projectShopify } from "./project-shopify.ts";
import { scrub } from "./scrub.ts";

export type PayloadFault = { readonly field: string; readonly message: string };
export type Checked = Result<EditedPayload, readonly PayloadFault[]>;

type Letter = Pick<StoredDeadLetter, "origin" | "topic" | "shop" | "eventId">;

export type CheckLimits = { readonly messageBytesMax: number; isOurShop(shop: string): boolean };

export function checkLetterPayload(letter: Letter, payload: unknown, limits: CheckLimits): Checked {
  if (letter.origin === "ingress/shopify") return checkBody(letter, payload);
  if (letter.origin === "ingress/adapter") return checkAdapterBody(letter, payload);
  const parsed = parse(letter.origin.slice("queue/".length), payload);
  if (!parsed.ok) return err(parsed.error.problems.map(faultOf));
  const faults = [...identityFaults(letter, parsed.value, limits), ...sizeFaults(parsed.value, limits)];
  if (faults.length > 0) return err(faults);
  return ok({ payload: parsed.value, refs: refsOf(parsed.value), isFreeForm: false });
}

/** What is not kept cannot count: the scrubbed body is what is checked. */
function checkBody({ topic, shop }: Letter, payload: unknown): Checked {
  if (!isShopifyTopic(topic)) return err([{ field: "topic", message: `"${topic}" is not taken in` }]);
  const body = scrub(payload);
  const projected = projectShopify(topic, body);
  if (!projected.ok) return err(projected.error.problems.map(faultOf));
  return ok({ payload: body, refs: shop === null ? [] : refsInBody(shop, body), isFreeForm: true });
}

/** Against any channel of its format: which SKUs and places are its own is seen when it is replayed. */
function checkAdapterBody({ topic, shop, eventId }: Letter, payload: unknown): Checked {
  const adapter = adapterOf(topic.slice(0, topic.indexOf("/")));
  if (adapter === undefined) return err([{ field: "topic", message: `"${topic}" is not taken in` }]);
  const body = keptOf(payload, adapter.keptFields);
  const channel = { listings: "mapped", eventTypes: null, locations: new Map() } as const;
  const projected = adapter.project(body, { channel, eventId, receivedAtMs: 0 });
  if (projected.kind === "unreadable") return err(projected.problems.map(faultOf));
  return ok({ payload: body, refs: shop === null ? [] : refsInBody(shop, body), isFreeForm: true });
}

function parse(queue: string, payload: unknown): Result<unknown, Unreadable> {
  const kind = typeof payload === "object" && payload !== null && "kind" in payload ? payload.kind : undefined;
  switch (specOf(queue)?.role) {
    case "events":
      return parseEnvelope(payload);
    case "shopify-sync":
      return kind === "parked_level" ? parked(payload) : parseSignal(payload);
    case "notifications":
      return (NOTICES.get(kind) ?? parseOversellNotice)(payload);
    default:
      return err({ kind: "unreadable", problems: [`payload: there is no queue "${queue}" that takes it`] });
  }
}

const NOTICES: ReadonlyMap<unknown, (payload: unknown) => Result<unknown, Unreadable>> = new Map<
  unknown,
  (payload: unknown) => Result<unknown, Unreadable>
>([
  ["alert", parseAlertNotice],
  ["breaker", parseBreakerNotice],
  ["deliver", parseDeliverNotice],
  ["oversold_check", parseOversoldCheck],
  ["replay", parseReplayNotice],
  ["stock", parseStockNotice],
  ["reorder", parseReorderNotice],
  ["count", parseCountNotice],
]);

function parked(payload: unknown): Result<unknown, Unreadable> {
  const level = parseParkedLevel(payload);
  return level === null ? err({ kind: "unreadable", problems: ["payload: is no parked level"] }) : ok(level);
}

/** The idempotency key and the shop are the letter's: another event is another message, not an edit. */
function identityFaults(letter: Letter, payload: unknown, { isOurShop }: CheckLimits): readonly PayloadFault[] {
  const envelope = parseEnvelope(payload);
  if (!envelope.ok) return [];
  const { id } = envelope.value;
  const sender = senderOf(envelope.value);
  const field = isOfShop(envelope.value) ? "channel.shop" : "channel.id";
  const isKnown = letter.topic !== "unreadable";
  return [
    ...(isKnown && id !== letter.eventId ? [{ field: "id", message: `must stay ${letter.eventId}` }] : []),
    ...(isKnown && letter.shop !== null && sender !== letter.shop
      ? [{ field, message: `must stay ${letter.shop}` }]
      : []),
    // Whether there is such a channel is looked up when its event is taken in.
    ...(envelope.value.channel.type !== "shopify" || isOurShop(sender)
      ? []
      : [{ field, message: "is no shop of this deployment" }]),
  ];
}

function sizeFaults(payload: unknown, { messageBytesMax }: CheckLimits): readonly PayloadFault[] {
  const bytes = new TextEncoder().encode(JSON.stringify(payload)).byteLength;
  return bytes <= messageBytesMax
    ? []
    : [{ field: "payload", message: `has ${bytes} bytes; a message may have ${messageBytesMax}` }];
}

/** "data.lines.0.quantity: expected int" */
function faultOf(problem: string): PayloadFault {
  const colon = problem.indexOf(": ");
  return colon === -1
    ? { field: "payload", message: problem }
    : { field: problem.slice(0, colon) || "payload", message: problem.slice(colon + 2) };
}
