/**
 * Texts that come from elsewhere (errors of schemas, of the network, of other people's services), made fit to be kept and
 * logged among us: people's data and secrets are masked, ids and numbers of ours stay. What leaves the house is scrubbed
 * harder (observability/scrub-text.ts).
 */
type Mask = readonly [pattern: RegExp, mask: string];

/** Of ids, too. In this order: what an earlier one has masked, a later one does not see. */
const MASKS: readonly Mask[] = [
  // An address may carry a key in its path (Slack's do) or in its query; whose it is says enough.
  [/\b((?:https?|wss?|rediss?):\/\/)(?:[^\s/@"']*@)?([^\s/?#"']+)[^\s"']*/gi, "$1$2/…"],
  [/[^\s@<>"'(),;:=]+@[^\s@<>"'(),;:=]+\.[a-z]{2,}/gi, "[email]"],
  [/\bshp[a-z]{2}_[A-Za-z0-9]+/g, "[secret]"],
  [/\b(Bearer|Basic)\s+[^\s"',;]{6,}/gi, "$1 [secret]"],
  [/\beyJ[\w-]{8,}(?:\.[\w-]*){0,2}/g, "[secret]"],
  [
    /(?<![A-Za-z])((?:access[_-]?)?token|secret|password|passwd|signature|api[_-]?key|authorization|hmac)(["']?\s*[:=]\s*["']?)(?!bearer|basic)[^\s"',;]+/gi,
    "$1$2[secret]",
  ],
];

/** Of words. An id may look like any of these. */
const WORD_MASKS: readonly Mask[] = [
  // A telephone number is written with a plus or in groups; an id is bare digits, a time has colons.
  [/(?<![\w+])\+\d(?:[\s().-]?\d){7,14}(?!\w)/g, "[phone]"],
  [/(?<![\w-])\(?\d{3}\)?[\s.-]\d{3}[\s.-]\d{4}(?![\w-])/g, "[phone]"],
  [/(?<![\w.-])(?:\d{1,3}\.){3}\d{1,3}(?![\w.-])/g, "[ip]"],
  // Letters of both cases and digits, long and without a break: no id of ours or of Shopify's looks so.
  [/(?<![\w+/-])(?=[\w+/-]*[a-z])(?=[\w+/-]*[A-Z])(?=[\w+/-]*\d)[\w+/-]{32,}={0,2}/g, "[secret]"],
  // Hashes and keys of one case: no id of ours is as long without a dash.
  [/(?<![\w+/=.-])[A-Za-z0-9+/_=]{40,}(?![\w+/=])/g, "[secret]"],
];

const maskedBy = (masks: readonly Mask[], text: string): string =>
  masks.reduce((masked, [pattern, mask]) => masked.replace(pattern, mask), text);

/** None of them finds anything in a text without these: of every webhook some ids are logged, and nearly all have none. */
const MAY_NEED_MASK = /[@\s:=]|shp|eyJ/;

/** Of an id only what no id is. */
export const maskId = (text: string): string => (MAY_NEED_MASK.test(text) ? maskedBy(MASKS, text) : text);

/** @param charsMax  of what is left */
export const maskText = (text: string, charsMax: number): string =>
  maskedBy(WORD_MASKS, maskId(text.slice(0, 4 * charsMax))).slice(0, charsMax);

/** A line of a terminal or two. */
const REASON_CHARS_MAX = 300;

/** Why a try failed, as it is kept with the try. */
export const maskReason = (reason: string): string => maskText(reason, REASON_CHARS_MAX);
