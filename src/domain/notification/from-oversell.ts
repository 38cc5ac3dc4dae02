/** An oversell as news: when it begins, with the sales that it leaves short, and when it is over. */
import type { ShortSale } from "../counter/short-sales.ts";
import { type ChannelId, type CorrelationId, parseChannelId, type Sku } from "../ids.ts";
import type { Notification } from "./notification.ts";

type Oversold = {
  /** Of the oversell. */
  readonly id: string;
  readonly sku: Sku;
  readonly units: number;
  readonly peak: number;
  readonly atMs: number;
  readonly sales: readonly ShortSale[];
  readonly correlationId: CorrelationId;
};

/** Sales that one line names. */
const NAMED_MAX = 10;

export function newsOfOversell({ id, sku, units, peak, atMs, sales, correlationId }: Oversold): Notification {
  const isOver = units === 0;
  const named = sales.slice(0, NAMED_MAX).map(nameOf);
  const more = sales.length > NAMED_MAX ? `, and ${sales.length - NAMED_MAX} more` : "";
  const short = named.length === 0 ? "" : ` Without units are ${named.join(", ")}${more}.`;
  return {
    id: isOver ? `${newsIdOf(id)}/over` : newsIdOf(id),
    kind: "inventory.oversold",
    severity: isOver ? "info" : "critical",
    subject: sku,
    title: isOver ? `${sku} is oversold no more` : `${sku} is oversold by ${unitsText(units)}`,
    text: isOver
      ? `At most ${unitsText(peak)} were missing.`
      : `More is sold than there is.${short} Find the units, or tell the buyers.`,
    atMs,
    ...{ sku, locationId: null, channel: channelOf(sales) },
    correlationId,
    data: { units, peak, orders: named.join(", ") },
  };
}

/** Of its beginning. */
export const newsIdOf = (oversellId: string): string => `oversold/${oversellId}`;

const unitsText = (units: number): string => (units === 1 ? "1 unit" : `${units} units`);

const nameOf = ({ kind, reference, id, channel, short }: ShortSale): string =>
  `${kind} ${reference ?? id}${channel === null ? "" : ` of ${channel}`} (${unitsText(short)})`;

/** Of the newest sale: the one that came too late. */
function channelOf([newest]: readonly ShortSale[]): ChannelId | null {
  const channel = parseChannelId(newest?.channel);
  return channel.ok ? channel.value : null;
}
