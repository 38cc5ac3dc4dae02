/** What senders post in their own formats. */
import * as z from "zod/mini";
import { text } from "./deployment-operations.ts";
import type { Group } from "./operation.ts";

export const adapterWebhooks: Group = {
  name: "Webhooks in senders' own formats",
  description: "Square, Amazon and ShipHero, verified as each of them signs: docs/adapters.md.",
  operations: [
    {
      id: "postAdapterWebhook",
      method: "post",
      path: "/webhooks/channels/{id}",
      pathExamples: { id: "till-main" },
      summary: "One delivery",
      description:
        "Signed by the sender as its format has it. 200 once it is durable, and where it tells nothing that counts; 401 whatever is wrong with the signature or the channel; 503 with Retry-After where it is to be sent again.",
      access: "signature",
      headers: ["squareSignature", "shipheroSignature", "amazonSecret"],
      body: { schema: z.looseObject({}), example: { type: "inventory.count.updated", event_id: "df5f3813" } },
      answers: [
        text(200, "It is durable, or tells nothing that counts.", "ok"),
        text(401, "A bad signature or an unknown channel: one answer for both."),
        text(405, "No POST."),
        text(413, "Over 1 MB."),
        text(503, "Nothing is taken just now: the sender sends it again."),
      ],
      problems: [],
    },
  ],
};
