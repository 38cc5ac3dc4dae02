/** News as its receivers read it: JSON for systems, a few lines for Slack, plain text for an e-mail. Pure. */
import type { Notification } from "./notification.ts";

const iso = (ms: number): string => new Date(ms).toISOString();

/** What a webhook's `data` says of one piece of news. */
export const newsToWire = (news: Notification) => ({
  ...{ id: news.id, kind: news.kind, severity: news.severity, subject: news.subject },
  ...{ title: news.title, text: news.text, at: iso(news.atMs) },
  ...{ sku: news.sku, locationId: news.locationId, channel: news.channel, correlationId: news.correlationId },
  ...{ values: news.data },
});

/** Body of a webhook: one piece of news under its kind, or a digest of several. */
export function webhookBody(news: readonly Notification[], nowMs: number) {
  const [first] = news;
  if (first !== undefined && news.length === 1)
    return { type: first.kind, timestamp: iso(first.atMs), data: newsToWire(first) };
  return { type: "notification.digest", timestamp: iso(nowMs), data: { notifications: news.map(newsToWire) } };
}

const SIGNS = { info: "ℹ️", warning: "⚠️", critical: "🔴" } as const;

/** Slack's three characters that mean something. @see https://docs.slack.dev/messaging/formatting-message-text */
const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** Blocks of one message; a text of one may have 3,000 characters. */
const BLOCKS_MAX = 45;
const BLOCK_CHARS_MAX = 2_900;

/** @see https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks */
export function slackMessage(news: readonly Notification[]) {
  const shown = news.slice(0, BLOCKS_MAX);
  const blocks = shown.map(({ severity, title, text, atMs }) => {
    const about = `${SIGNS[severity]} *${escaped(title)}*\n${escaped(text)}\n_${iso(atMs)}_`;
    return { type: "section", text: { type: "mrkdwn", text: about.slice(0, BLOCK_CHARS_MAX) } };
  });
  const more = news.length - shown.length;
  const rest = more === 0 ? [] : [{ type: "section", text: { type: "mrkdwn", text: `… and ${more} more.` } }];
  return { text: escaped(headline(news)), blocks: [...blocks, ...rest] };
}

/** One line, and far below the 998 characters that a subject may have, also once each is encoded. */
const SUBJECT_CHARS_MAX = 200;
/** A line break in a subject would begin a header of somebody else's choice. */
const BREAKS = /[\p{Cc}\p{Zl}\p{Zp}]+/gu;

/** Whoever sends it makes it MIME: Cloudflare, of subject and text as they are. */
export function emailMessage(news: readonly Notification[]): { readonly subject: string; readonly text: string } {
  const parts = news.map(
    ({ severity, title, text, atMs, correlationId }) =>
      `${title}\n${text}\n${severity}, ${iso(atMs)}, correlation id ${correlationId}`,
  );
  const subject = headline(news).replaceAll(BREAKS, " ");
  return { subject: [...subject].slice(0, SUBJECT_CHARS_MAX).join(""), text: `${parts.join("\n\n")}\n` };
}

/** One line for all. */
function headline(news: readonly Notification[]): string {
  const [first] = news;
  if (first === undefined) return "Onhand: nothing to tell";
  return news.length === 1 ? `Onhand: ${first.title}` : `Onhand: ${news.length} notifications`;
}
