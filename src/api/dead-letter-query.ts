/** Which dead letters are asked for: the same words in a list's query and in a job's filter. */
import * as z from "zod/mini";
import { LIMITS } from "../config.ts";
import { parseChannelId, parseSku } from "../domain/ids.ts";
import type { JobFilter } from "../services/dead-letters/jobs.ts";
import { channelField, timeField } from "./movement-body.ts";

const text = z.string().check(z.minLength(1), z.maxLength(255));
const codes = z
  .string()
  .check(z.regex(/^[A-Za-z0-9_]{1,64}(?:,[A-Za-z0-9_]{1,64}){0,19}$/, "must be error classes, comma-separated"));
const skuField = z.string().check(z.refine((sku) => parseSku(sku).ok, "has 1–255 printable characters"));

export const matchFields = {
  queue: z.optional(text),
  origin: z.optional(text),
  topic: z.optional(text),
  code: z.optional(codes),
  shop: z.optional(text),
  channel: z.optional(channelField),
  sku: z.optional(skuField),
  correlationId: z.optional(text),
  from: z.optional(timeField),
  to: z.optional(timeField),
  text: z.optional(z.string().check(z.minLength(1), z.maxLength(LIMITS.deadLetterTextMax))),
};

const matchSchema = z.strictObject(matchFields);

/** A shop is a channel: whichever name is given. */
export function matchOf(query: z.infer<typeof matchSchema>): JobFilter {
  const { queue, origin, topic, code, shop, channel, sku, correlationId, from, to, text: sought } = query;
  const channelId = channel === undefined ? null : parseChannelId(channel);
  const parsedSku = sku === undefined ? null : parseSku(sku);
  const given: JobFilter = {
    origin: queue === undefined ? origin : `queue/${queue}`,
    topic,
    codes: code?.split(","),
    shop: shop?.toLowerCase() ?? (channelId?.ok === true ? channelId.value : undefined),
    sku: parsedSku?.ok === true ? parsedSku.value : undefined,
    correlationId,
    fromMs: from === undefined ? undefined : Date.parse(from),
    toMs: to === undefined ? undefined : Date.parse(to),
    text: sought,
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

/** As it was asked for. */
export function matchToWire({
  origin,
  codes: classes,
  fromMs,
  toMs,
  ...rest
}: JobFilter): Readonly<Record<string, unknown>> {
  const isQueue = origin?.startsWith("queue/") === true;
  return {
    ...(origin === undefined ? {} : isQueue ? { queue: origin.slice("queue/".length) } : { origin }),
    ...(classes === undefined ? {} : { code: classes.join(",") }),
    ...rest,
    ...(fromMs === undefined ? {} : { from: new Date(fromMs).toISOString() }),
    ...(toMs === undefined ? {} : { to: new Date(toMs).toISOString() }),
  };
}
