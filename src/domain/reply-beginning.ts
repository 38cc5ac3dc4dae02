/** What is kept of what the other side of a call said: enough to know it by, nothing that is a secret, on one line. */
import { maskText } from "./mask-text.ts";

/** What the other side of a call said; nulls: nothing. `reply`: the beginning, fit to be kept. */
export type Said = { readonly status: number | null; readonly reply: string | null };

export const NOTHING_SAID: Said = { status: null, reply: null };

/** … and how long the call took; 0: nobody was called. */
export type Heard = Said & { readonly ms: number };

export const NOT_CALLED: Heard = { ...NOTHING_SAID, ms: 0 };

/** Shorter ones would mask words. */
const HIDDEN_CHARS_MIN = 6;

/**
 * @param hidden    texts that must not be told, whatever they look like: a receiver may say what it was sent
 * @param charsMax  of what is left
 * @returns null: there is nothing in it
 */
export function replyBeginning(text: string, hidden: readonly string[], charsMax: number): string | null {
  const secrets = hidden.filter(({ length }) => length >= HIDDEN_CHARS_MIN).toSorted((a, b) => b.length - a.length);
  const clean = secrets.reduce((left, secret) => left.replaceAll(secret, "[secret]"), text);
  // A terminal obeys control characters, and turns a line round for others.
  const line = clean.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, " ").trim();
  return line === "" ? null : maskText(line, charsMax);
}

/** Where an address as a whole is a secret: its parts, as pages of errors repeat them ("Cannot POST /services/…"). */
export function secretPartsOf(url: string): readonly string[] {
  const { pathname, search, searchParams } = new URL(url);
  return [url, `${pathname}${search}`, pathname, ...pathname.split("/"), ...searchParams.values()];
}
