/** Table of contents of the document. */
import { adapterWebhooks } from "./adapter-operations.ts";
import { bundles } from "./bundle-operations.ts";
import { channelConnections } from "./channel-connection-operations.ts";
import { channelItems, channelSecrets } from "./channel-detail-operations.ts";
import { channelDocuments } from "./channel-document-operations.ts";
import { channelEvents } from "./channel-event-operations.ts";
import { channels } from "./channel-operations.ts";
import { csv } from "./csv-operations.ts";
import { deadLetterJobs, deadLetters } from "./dead-letter-operations.ts";
import { deployment, shopifyWebhooks } from "./deployment-operations.ts";
import { gates } from "./gate-operations.ts";
import { inventory } from "./inventory-operations.ts";
import { notifications, notifyDestinations } from "./notification-operations.ts";
import type { Group } from "./operation.ts";
import { alerts, audit, breakers, oversells } from "./operator-operations.ts";
import { policies } from "./policy-operations.ts";
import { reconciliations } from "./reconciliation-operations.ts";
import { reservations } from "./reservation-operations.ts";
import { shops } from "./shop-operations.ts";
import { counts, reorders, thresholds } from "./stock-operations.ts";
import { traces } from "./trace-operations.ts";
import { writes } from "./write-operations.ts";

export const GROUPS: readonly Group[] = [
  ...[inventory, writes, reservations, policies, bundles, csv],
  ...[channels, channelSecrets, channelItems, channelConnections, channelDocuments, channelEvents],
  ...[shops, gates, reconciliations, oversells],
  ...[thresholds, reorders, counts],
  ...[notifyDestinations, notifications],
  ...[deadLetters, deadLetterJobs, traces, alerts, breakers, audit],
  ...[adapterWebhooks, shopifyWebhooks, deployment],
];
