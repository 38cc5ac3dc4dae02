/**
 * Names of the lines that a bundle's line becomes for whoever sends it out: `<line>/part/<sku>`, one per component. Nothing is
 * booked under such a name: the sale of every component has the key of the order's own line. So no line of an order may be
 * named like one, and a name leads back to its line without anybody being asked.
 */
const MARK = "/part/";

/** What a line of an order may be called; at its end the mark would be made by what is put after it. */
export const ORDER_LINE = /^(?!.*\/part(\/|$))/;

/** @param sku  of the component, as it was called when the order was taken in */
export const partLineOf = (line: string, sku: string): string => `${line}${MARK}${sku}`;

/** The order's own line. */
export function orderLineOf(name: string): string {
  const at = name.indexOf(MARK);
  return at < 0 ? name : name.slice(0, at);
}

export const isPartLine = (name: string): boolean => name.includes(MARK);
