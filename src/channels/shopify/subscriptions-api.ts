/** Webhook subscriptions through the shop's gate. */
import * as z from "zod/mini";
import type { SourceReply } from "../../services/import-catalogue.ts";
import type { GraphqlGate } from "../../services/patient-gate.ts";
import type { NeededWebhook, Subscription, SubscriptionsApi } from "../../services/webhook-subscriptions.ts";
import { WEBHOOK_CREATE_DOCUMENT, WEBHOOK_UPDATE_DOCUMENT, WEBHOOKS_DOCUMENT } from "./catalogue-documents.ts";
import { ask } from "./catalogue-source.ts";

const COST = { cost: 30 }; // points: a mutation is 10, a page of subscriptions about 20

const subscription = z.object({
  id: z.string(),
  topic: z.string(),
  uri: z.string(),
  includeFields: z.array(z.string()),
  format: z.string(),
  filter: z.nullable(z.string()),
});
const listReply = z.object({
  webhookSubscriptions: z.object({
    pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.nullable(z.string()) }),
    nodes: z.array(subscription),
  }),
});
const payload = z.nullable(
  z.object({
    webhookSubscription: z.nullable(subscription),
    userErrors: z.array(z.object({ field: z.nullish(z.array(z.string())), message: z.string() })),
  }),
);
const createReply = z.object({ webhookSubscriptionCreate: payload });
const updateReply = z.object({ webhookSubscriptionUpdate: payload });

export function shopifySubscriptions(gate: GraphqlGate): SubscriptionsApi {
  return {
    list: () => list(gate),
    async create(needed, uri) {
      const variables = { topic: needed.topic, subscription: inputOf(needed, uri) };
      const reply = await ask(gate, WEBHOOK_CREATE_DOCUMENT, variables, COST, createReply);
      return reply.kind === "ok" ? settle(reply.value.webhookSubscriptionCreate) : reply;
    },
    async update(id, needed, uri) {
      const variables = { id, subscription: { ...inputOf(needed, uri), filter: "" } };
      const reply = await ask(gate, WEBHOOK_UPDATE_DOCUMENT, variables, COST, updateReply);
      return reply.kind === "ok" ? settle(reply.value.webhookSubscriptionUpdate) : reply;
    },
  };
}

const inputOf = ({ includeFields }: NeededWebhook, uri: string) => ({ uri, format: "JSON", includeFields });

async function list(gate: GraphqlGate): Promise<SourceReply<readonly Subscription[]>> {
  const found: Subscription[] = [];
  let after: string | null = null;
  do {
    const reply: SourceReply<z.infer<typeof listReply>> = await ask(
      gate,
      WEBHOOKS_DOCUMENT,
      { after },
      COST,
      listReply,
    );
    if (reply.kind !== "ok") return reply;
    const { nodes, pageInfo }: z.infer<typeof listReply>["webhookSubscriptions"] = reply.value.webhookSubscriptions;
    found.push(...nodes);
    after = pageInfo.hasNextPage ? pageInfo.endCursor : null;
  } while (after !== null);
  return { kind: "ok", value: found };
}

function settle(given: z.infer<typeof payload>): SourceReply<Subscription> {
  if (given?.webhookSubscription) return { kind: "ok", value: given.webhookSubscription };
  const message = given?.userErrors.map((error) => error.message).join("; ") || "no subscription came back";
  return { kind: "refused", code: "user_error", message };
}
