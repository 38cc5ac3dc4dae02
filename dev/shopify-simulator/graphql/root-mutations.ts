/** The fields of Mutation. */
import { parseGid } from "../model/ids.ts";
import type { SubscriptionInput, SubscriptionOutcome } from "../webhooks/subscription-registry.ts";
import type { RootResolvers } from "./access-scopes.ts";
import type { CallContext, View } from "./call-context.ts";
import { type ActivateArgs, activateLevel, deactivate } from "./inventory/activate-level.ts";
import { type AdjustInput, adjustQuantities } from "./inventory/adjust-quantities.ts";
import { type MoveInput, moveQuantities } from "./inventory/move-quantities.ts";
import { type SetInput, type SetOnHandInput, setOnHandQuantities, setQuantities } from "./inventory/set-quantities.ts";
import { bulkOperationView, subscriptionView } from "./views/system-views.ts";

export const mutationResolvers: RootResolvers = {
  inventoryAdjustQuantities: (args: { input: AdjustInput }, context, info) =>
    adjustQuantities(context, args.input, info),
  inventorySetQuantities: (args: { input: SetInput }, context, info) => setQuantities(context, args.input, info),
  inventorySetOnHandQuantities: (args: { input: SetOnHandInput }, context, info) =>
    setOnHandQuantities(context, args.input, info),
  inventoryMoveQuantities: (args: { input: MoveInput }, context, info) => moveQuantities(context, args.input, info),
  inventoryActivate: (args: ActivateArgs, context, info) => activateLevel(context, args, info),
  inventoryDeactivate: (args: { inventoryLevelId: string }, context) => deactivate(context, args.inventoryLevelId),
  webhookSubscriptionCreate: (args: { topic: string; webhookSubscription: SubscriptionInput }, context) =>
    subscriptionPayload(context, context.registry.create(args.topic, args.webhookSubscription)),
  webhookSubscriptionUpdate: (args: { id: string; webhookSubscription: SubscriptionInput }, context) =>
    subscriptionPayload(context, context.registry.update(parseGid(args.id)?.id ?? "", args.webhookSubscription)),
  webhookSubscriptionDelete: (args: { id: string }, context) => {
    if (context.registry.delete(parseGid(args.id)?.id ?? "")) {
      return { deletedWebhookSubscriptionId: args.id, userErrors: [] };
    }
    const message = "Webhook subscription does not exist";
    return { deletedWebhookSubscriptionId: null, userErrors: [{ field: ["id"], message }] };
  },
  bulkOperationRunQuery: (args: { query: string }, context) => {
    const outcome = context.bulk.start(args.query);
    if (outcome.kind === "refused") return { bulkOperation: null, userErrors: outcome.userErrors };
    return { bulkOperation: bulkOperationView(outcome.operation), userErrors: [] };
  },
  bulkOperationCancel: (args: { id: string }, context) => {
    const operation = context.bulk.byId(parseGid(args.id)?.id ?? "");
    if (operation === undefined) {
      return { bulkOperation: null, userErrors: [{ field: ["id"], message: "Bulk operation does not exist" }] };
    }
    const isCancelled = context.bulk.cancel(operation);
    const message = "A bulk operation cannot be canceled when it is completed";
    const userErrors = isCancelled ? [] : [{ field: null, message }];
    return { bulkOperation: bulkOperationView(operation), userErrors };
  },
};

function subscriptionPayload(context: CallContext, outcome: SubscriptionOutcome): View {
  if (outcome.kind === "refused") return { webhookSubscription: null, userErrors: outcome.userErrors };
  return { webhookSubscription: subscriptionView(context, outcome.subscription), userErrors: [] };
}
