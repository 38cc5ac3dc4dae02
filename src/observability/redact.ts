/**
 * What may be in a log line, held at run time: fields that are named here and no others, texts cut and masked. The first
 * guard is that nobody logs a body, a header or a name; this is the second, for texts that come from elsewhere: error
 * messages, header values of strangers.
 */
import { maskId, maskText } from "../domain/mask-text.ts";

const TEXT_CHARS_MAX = 300;
const ID_CHARS_MAX = 200;
const COUNTS_MAX = 40;

const TEXTS: ReadonlySet<string> = new Set(["reason", "code", "outcome"]);
const IDS: ReadonlySet<string> = new Set([
  ...["correlationId", "shop", "topic", "queue", "sku", "skuId", "listingId", "locationId", "deadLetterId", "eventId"],
  ...["pushKey", "callKey"],
]);
const NUMBERS: ReadonlySet<string> = new Set([
  ...["status", "attempts", "delaySeconds", "ms", "lagMs", "queuedMs", "units", "version"],
]);

/** Values that must never be told, whatever they look like: the deployment's own secrets, and those of its channels. */
const hidden = new Set<string>();
const HIDDEN_MAX = 500;

/** Shorter ones would mask words. */
const SECRET_CHARS_MIN = 8;

export function hideInLogs(secrets: readonly (string | null | undefined)[]): void {
  for (const secret of secrets)
    if (secret && secret.length >= SECRET_CHARS_MIN && hidden.size < HIDDEN_MAX) hidden.add(secret);
}

function withoutHidden(text: string): string {
  let clean = text;
  for (const secret of hidden) clean = clean.replaceAll(secret, "[secret]");
  return clean;
}

const maskedWords = (text: string): string => maskText(withoutHidden(text), TEXT_CHARS_MAX);
const maskedId = (text: string): string => maskId(withoutHidden(text)).slice(0, ID_CHARS_MAX);

/** @param fields  as they came; typed, and not believed */
export function redacted(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value === "string") {
      if (TEXTS.has(name)) kept[name] = maskedWords(value);
      else if (IDS.has(name)) kept[name] = maskedId(value);
    } else if (typeof value === "number") {
      if (NUMBERS.has(name) && Number.isFinite(value)) kept[name] = value;
    } else if (name === "counts" && typeof value === "object" && value !== null) kept[name] = countsIn(value);
  }
  return kept;
}

/** Names of counts are ours: outcomes and reasons, never what somebody sent. */
const countsIn = (counts: object): Record<string, number> =>
  Object.fromEntries(
    Object.entries(counts)
      .filter(([name, n]) => /^[A-Za-z_]{1,60}$/.test(name) && typeof n === "number" && Number.isFinite(n))
      .slice(0, COUNTS_MAX),
  );
