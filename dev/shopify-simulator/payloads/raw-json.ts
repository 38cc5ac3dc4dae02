/**
 * Ids as JSON numbers, digit for digit. Shopify writes ids of 18 digits as bare numbers, which no JavaScript number
 * holds; `JSON.rawJSON` lets the string of digits through untouched.
 */
declare global {
  interface JSON {
    /** ES2026, in Node since 21: an object that JSON.stringify writes as exactly this text. */
    rawJSON(text: string): { readonly rawJSON: string };
  }
}

export type RawNumber = { readonly rawJSON: string };

/** A number that is written as these digits. */
export function rawId(digits: string): RawNumber {
  return JSON.rawJSON(digits);
}

export function isRawNumber(value: unknown): value is RawNumber {
  return typeof value === "object" && value !== null && "rawJSON" in value;
}

/** Money as Shopify writes it: `"12.90"`. */
export function money(cents: number): string {
  const sign = cents < 0 ? "-" : "";
  const whole = Math.abs(cents);
  return `${sign}${Math.floor(whole / 100)}.${String(whole % 100).padStart(2, "0")}`;
}

/** Money in both currencies; the shop sells in one, so they are equal. */
export function moneySet(cents: number): unknown {
  const amount = { amount: money(cents), currency_code: "CAD" };
  return { shop_money: amount, presentment_money: { ...amount } };
}
