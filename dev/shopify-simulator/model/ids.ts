/**
 * Shopify's ids, as strings of digits. Real ones have 13 or 14 digits today, its samples and test deliveries 18, which no
 * JavaScript number can hold: the mint mixes both on purpose, so that a receiver which parses ids as numbers fails here.
 */
import type { SeededRandom } from "./seeded-random.ts";

const WIDTHS = [13, 13, 13, 14, 14, 14, 16, 18, 18] as const;
const TAIL_DIGITS = 9;
const TAIL_RANGE = 1_000_000_000;
/** Coprime with the range: consecutive ids differ in many digits and never repeat within a billion. */
const STRIDE = 327_690_661;

export class IdMint {
  readonly #random: SeededRandom;
  readonly #heads = new Map<number, string>();
  #count = 0;

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  /** A fresh id of 13 to 18 digits, never one that was handed out before. */
  next(): string {
    this.#count += 1;
    const tail = (this.#count * STRIDE) % TAIL_RANGE;
    return this.#head(this.#random.pick(WIDTHS)) + String(tail).padStart(TAIL_DIGITS, "0");
  }

  #head(width: number): string {
    const known = this.#heads.get(width);
    if (known !== undefined) return known;
    let head = String(this.#random.between(4, 8));
    while (head.length < width - TAIL_DIGITS) head += String(this.#random.between(0, 9));
    this.#heads.set(width, head);
    return head;
  }
}

export function gid(type: string, id: string): string {
  return `gid://shopify/${type}/${id}`;
}

export type ParsedGid = { readonly type: string; readonly id: string; readonly search: URLSearchParams };

/** Reads `gid://shopify/Type/123?key=value`; null when the text is no such thing. */
export function parseGid(text: string): ParsedGid | null {
  const match = /^gid:\/\/shopify\/(\w+)\/([\w-]+)(?:\?(.*))?$/.exec(text);
  if (match?.[1] === undefined || match[2] === undefined) return null;
  return { type: match[1], id: match[2], search: new URLSearchParams(match[3] ?? "") };
}
