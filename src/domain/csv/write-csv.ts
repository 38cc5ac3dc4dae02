/**
 * CSV for spreadsheets (RFC 4180, CRLF). A text that a spreadsheet would run as a formula gets an apostrophe in front, as
 * OWASP says; one that begins with an apostrophe gets another, so that what is read back is what was written.
 * @see https://owasp.org/www-community/attacks/CSV_Injection
 */
const RUN_AS_FORMULA = /^[=+\-@\t\r']/;

export const guardText = (text: string): string => (RUN_AS_FORMULA.test(text) ? `'${text}` : text);

/** The other way round; a text that needed no guard stays as it is. */
export const unguardText = (text: string): string =>
  text.startsWith("'") && RUN_AS_FORMULA.test(text.slice(1)) ? text.slice(1) : text;

/** Numbers are ours, and stand as they are; text is guarded; null is empty. */
export const csvLine = (fields: readonly (string | number | null)[]): string =>
  `${fields.map((field) => (typeof field === "number" ? String(field) : quoted(guardText(field ?? "")))).join(",")}\r\n`;

const quoted = (text: string): string => (/[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
