/**
 * What may leave for Sentry, by allow-list: an event is made anew from the fields named here, its texts scrubbed. Whatever the
 * SDK or one of its integrations adds (request, user, headers, breadcrumbs, server name, extra data) stays behind.
 */
import type { Options } from "toucan-js";
import { scrubText } from "./scrub-text.ts";

type BeforeSend = NonNullable<Options["beforeSend"]>;
type SentryEvent = Parameters<BeforeSend>[0];
type SentryException = NonNullable<NonNullable<SentryEvent["exception"]>["values"]>[number];

/** Of few values, all of them names of ours; a correlation id leads to the logs. */
export const TAGS = ["correlationId", "alert", "subject", "change", "severity"] as const;
export type SentryTags = Readonly<Partial<Record<(typeof TAGS)[number], string>>>;

/** As ids and names of ours are spelled. */
const TAG = /^[\w.:=/-]{1,200}$/;

export function toSafeEvent(event: SentryEvent): SentryEvent {
  const { event_id, timestamp, platform, level, environment, release, message, fingerprint, sdk } = event;
  const values = event.exception?.values?.map(safeException);
  return {
    type: undefined,
    ...kept({ event_id, timestamp, platform, level, environment, release }),
    ...(sdk === undefined ? {} : { sdk: { ...kept({ name: sdk.name, version: sdk.version }) } }),
    ...(message === undefined ? {} : { message: scrubText(message) }),
    ...(values === undefined ? {} : { exception: { values } }),
    ...(fingerprint === undefined ? {} : { fingerprint: fingerprint.filter((part) => TAG.test(part)) }),
    tags: Object.fromEntries(
      TAGS.flatMap((tag) => {
        const value = event.tags?.[tag];
        return typeof value === "string" && TAG.test(value) ? [[tag, value]] : [];
      }),
    ),
  };
}

function safeException({ type, value, stacktrace }: SentryException): SentryException {
  const frames = stacktrace?.frames?.map(({ filename, function: name, lineno, colno, in_app }) =>
    kept({ filename, function: name, lineno, colno, in_app }),
  );
  return {
    ...kept({ type: type === undefined ? undefined : scrubText(type) }),
    ...(value === undefined ? {} : { value: scrubText(value) }),
    ...(frames === undefined ? {} : { stacktrace: { frames } }),
  };
}

type Defined<Fields> = { [Key in keyof Fields]?: Exclude<Fields[Key], undefined> };

/** Without those that are undefined. */
const kept = <Fields extends Readonly<Record<string, unknown>>>(fields: Fields): Defined<Fields> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<Fields>;
