/**
 * Writes replies as the Upstash REST protocol has them: `{"result": …}` or `{"error": …}`, strings plain or, when the
 * client asked for it, as base64.
 */
import { isErrorReply, type Reply } from "./engine.ts";

export type Encoding = "plain" | "base64";

/** `{"result": …}` or `{"error": …}`. */
export function envelope(reply: Reply, encoding: Encoding): string {
  if (isErrorReply(reply)) return JSON.stringify({ error: reply.error });
  return `{"result":${JSON.stringify(topLevel(reply, encoding))}}`;
}

export const envelopes = (replies: readonly Reply[], encoding: Encoding): string =>
  `[${replies.map((reply) => envelope(reply, encoding)).join(",")}]`;

/** "OK" on its own is never encoded: the client takes it as it stands. Within an array it is a string like any other. */
function topLevel(reply: Reply, encoding: Encoding): unknown {
  const encoded = encode(reply, encoding);
  return encoding === "base64" && encoded === OK_IN_BASE64 ? "OK" : encoded;
}

const OK_IN_BASE64 = Buffer.from("OK").toString("base64");

function encode(reply: Reply, encoding: Encoding): unknown {
  if (reply === null || typeof reply === "number") return reply;
  if (typeof reply === "string") return encoding === "base64" ? Buffer.from(reply).toString("base64") : reply;
  if (Buffer.isBuffer(reply)) return reply.toString(encoding === "base64" ? "base64" : "utf8");
  if (isErrorReply(reply)) return reply;
  return reply.map((item) => encode(item, encoding));
}
