/**
 * Free text made fit to leave the house. An error's message may quote anything: so what is quoted goes, and so does whatever
 * looks like a secret, a person, a place or an address. What is left says what went wrong, not whom it went wrong for.
 * (What stays in our own database keeps more: domain/mask-text.ts.)
 */

const GONE = "[…]";
const TEXT_MAX = 500;

/** Mixtures of letters and digits are keys, hashes, ids; short ones are words of the trade: "d1", "utf8", "http2". */
const MIXTURE_MAX = 8;

/** A name of ours has words, small numbers, and at most one short mixture between its dashes: "onhand-events-1". */
function isName(word: string): boolean {
  const mixtures = word.split(/[-_/]/).filter((part) => !/^(?:[a-z]*|\d{1,4})$/i.test(part));
  return mixtures.length === 0 || (mixtures.length === 1 && (mixtures[0] ?? "").length <= MIXTURE_MAX);
}

/** Capitalised, and nobody's name: what errors of runtimes and servers are made of. */
const TRADE = new Set(
  "Bad Connection Durable Error Found Gateway Internal Many Network Not Object Queue Request Requests Server Service Shopify Timeout Too Unavailable".split(
    " ",
  ),
);
const unlessTrade = (found: string): string =>
  found.split(/[\s,]+/).every((word) => TRADE.has(word) || /^\d{3}$/.test(word)) ? found : GONE;

type Rule = readonly [pattern: RegExp, instead: string | ((found: string) => string)];

/** In this order: what is larger first. */
const RULES: readonly Rule[] = [
  // Whatever is quoted, or stands in braces: a value, a body.
  [/"(?:[^"\\]|\\.)*"|`[^`]*`|“[^”]*”|(?<![\p{L}\d])'[^']*'/gu, `"${GONE}"`],
  [/\{[\s\S]*\}|\[[^\]…]*\]/g, GONE],
  // Of an address in the web, its scheme and host say where.
  [/\b(https?:\/\/)(?:[^\s/@]*@)?([^\s/?#"]+)[^\s"]*/gi, "$1$2"],
  [/[^\s<>"=:,;(]+@[^\s<>"=,;)]+/g, GONE],
  // What says of itself that it is a secret; then what only secrets look like.
  [
    /\b(bearer|basic|token|secret|password|passwd|api[-_ ]?key|authorization|signature|hmac)(?:\s*[:=]\s*|\s+)(?:(?:bearer|basic)\s+)?\S+/gi,
    `$1 ${GONE}`,
  ],
  [/\b(?:shp[a-z]{2}|whsec|sk|pk|ghp)_\S+/gi, GONE],
  [/[\w+/=-]+/g, (word) => (isName(word) ? word : GONE)],
  // A street with its number, either way round; a name of several words; a number of a telephone, card, order or place.
  [/\b\d{1,5}[a-z]?,?(?:\s+\p{Lu}[\p{L}.'-]+)+/gu, unlessTrade],
  [/\p{Lu}\p{Ll}[\p{L}.'-]*(?:\s+\p{Lu}[\p{L}.'-]+)*\s+\d{1,5}[a-z]?\b/gu, unlessTrade],
  [/\p{Lu}[\p{Ll}'-]+(?:\s+(?:\p{Lu}\.|\p{Lu}[\p{Ll}'-]+))+/gu, unlessTrade],
  [/\+?\d[\d\s().-]{5,}\d/g, GONE],
  [/\b\d{5,}\b/g, GONE],
  [/\b(?:\d{1,3}\.){3}\d{1,3}\b|\b(?:[0-9a-f]{0,4}:){3,7}[0-9a-f]{0,4}\b/gi, GONE],
];

/** At most 500 characters. */
export function scrubText(text: string): string {
  let left = text.slice(0, 4 * TEXT_MAX);
  for (const [pattern, instead] of RULES) {
    left = typeof instead === "string" ? left.replace(pattern, instead) : left.replace(pattern, instead);
  }
  return left.slice(0, TEXT_MAX);
}
