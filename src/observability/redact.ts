/**
 * What may be in a log line, held at run time: fields that are named here and no others, texts cut and masked. The first
 * guard is that nobody logs a body, a header or a name; this is the second, for texts that come from elsewhere: error
 * messages, header values of strangers.
 */

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

/** Values that must never be told, whatever they look like: the deployment's own secrets. */
const hidden = new Set<string>();
const HIDDEN_MAX = 50;

/** Shorter ones would mask words. */
const SECRET_CHARS_MIN = 8;

export function hideInLogs(secrets: readonly (string | null | undefined)[]): void {
  for (const secret of secrets)
    if (secret && secret.length >= SECRET_CHARS_MIN && hidden.size < HIDDEN_MAX) hidden.add(secret);
}

type Mask = readonly [pattern: RegExp, mask: string];

/** Of every text. In this order: what an earlier one has masked, a later one does not see. */
const MASKS: readonly Mask[] = [
  // An address may carry a key in its path (Slack's do) or in its query; whose it is says enough.
  [/\b((?:https?|wss?|rediss?):\/\/)(?:[^\s/@"']*@)?([^\s/?#"']+)[^\s"']*/gi, "$1$2/…"],
  [/[^\s@<>"'(),;:=]+@[^\s@<>"'(),;:=]+\.[a-z]{2,}/gi, "[email]"],
  [/\bshp[a-z]{2}_[A-Za-z0-9]+/g, "[secret]"],
  [/\b(Bearer|Basic)\s+[^\s"']+/gi, "$1 [secret]"],
  [/\beyJ[\w-]{8,}(?:\.[\w-]*){0,2}/g, "[secret]"],
  [
    /(?<![A-Za-z])((?:access[_-]?)?token|secret|password|passwd|api[_-]?key|authorization|hmac)(["']?\s*[:=]\s*["']?)[^\s"',;]+/gi,
    "$1$2[secret]",
  ],
];

/** Of words. An id may look like any of these. */
const WORD_MASKS: readonly Mask[] = [
  [/\+\d(?:[\s().-]?\d){8,14}\b/g, "[phone]"],
  [/\(?\b\d{3}\)?[\s.-]\d{3}[\s.-]\d{4}\b/g, "[phone]"],
  [/\b(?:\d{1,3}\.){3}\d{1,3}\b/g, "[ip]"],
  // Letters of both cases and digits, long and without a break: no id of ours or of Shopify's looks so.
  [/(?<![\w+/-])(?=[\w+/-]*[a-z])(?=[\w+/-]*[A-Z])(?=[\w+/-]*\d)[\w+/-]{32,}={0,2}/g, "[secret]"],
];

function maskedBy(masks: readonly Mask[], text: string): string {
  let clean = text;
  for (const secret of hidden) clean = clean.replaceAll(secret, "[secret]");
  for (const [pattern, mask] of masks) clean = clean.replace(pattern, mask);
  return clean;
}

const ALL_MASKS = [...MASKS, ...WORD_MASKS];
const maskedWords = (text: string): string => maskedBy(ALL_MASKS, text.slice(0, TEXT_CHARS_MAX));
const maskedId = (text: string): string => maskedBy(MASKS, text.slice(0, ID_CHARS_MAX));

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
