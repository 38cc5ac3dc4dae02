/** The public face of what became of a channel's events. A new outcome does not compile until it has one. */
import type { Context } from "hono";
import type { ReceivedEvents } from "../services/channels/received-events.ts";
import { problem } from "./problem.ts";
import { channelEventsToWire } from "./wire/channel-events.ts";

export function channelEventsReplyOf(c: Context, received: ReceivedEvents): Response {
  switch (received.kind) {
    case "accepted":
      return c.json(channelEventsToWire(received.events, received.isDuplicate, c.get("correlationId")), 202);
    case "unauthorized":
      return problem(c, { code: "bad_signature", detail: "There is no such channel, or this is not signed by it." });
    case "too_large":
      return problem(c, { code: "body_too_large", detail: `A body may have ${received.bytesMax} bytes.` });
    case "not_a_sender":
      return problem(c, { code: "not_allowed", detail: received.why });
    case "refused": {
      const { code, errors } = received.problem;
      const [{ field, message }] = errors;
      return problem(c, { code, detail: `${field}: ${message}`, field, more: { errors } });
    }
    case "id_reused":
      return problem(c, {
        code: "webhook_id_reused",
        detail: "Events were taken under this webhook-id, of another body. A new message needs a new id.",
        field: "webhook-id",
      });
    case "later":
      return problem(c, { code: "unavailable", detail: received.why, retryAfterSeconds: received.afterSeconds });
  }
}
