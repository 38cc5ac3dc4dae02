/**
 * JSON without loss: whole numbers too large for a float arrive as their digits, in a string. Shopify's published
 * sample ids have 18 digits; `JSON.parse` would turn 820982911946154508 into …500.
 */
import { err, ok, type Result } from "../domain/result.ts";

/** Strings first, so that digits inside them are left alone; then numbers, whole. */
const STRING_OR_NUMBER = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const SAFE_DIGITS_MAX = 15; // every whole number of 15 digits is exact in a float
const WHOLE_NUMBER = /^-?\d+$/;

export type NotJson = { readonly kind: "not_json" };

export function parseExactJson(text: string): Result<unknown, NotJson> {
  try {
    return ok(JSON.parse(quoteLongIntegers(text)));
  } catch {
    return err({ kind: "not_json" });
  }
}

function quoteLongIntegers(text: string): string {
  return text.replace(STRING_OR_NUMBER, (token) =>
    token.length > SAFE_DIGITS_MAX && WHOLE_NUMBER.test(token) ? `"${token}"` : token,
  );
}
