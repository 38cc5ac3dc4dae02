/** All cases. Those of a file share a little world that its first lines prepare. */
import { adapterCases } from "./adapter-cases.ts";
import { bundleCases } from "./bundle-cases.ts";
import { channelCases } from "./channel-cases.ts";
import { channelEventCases } from "./channel-event-cases.ts";
import { deadLetterCases } from "./dead-letter-cases.ts";
import { deploymentCases } from "./deployment-cases.ts";
import { gateCases } from "./gate-cases.ts";
import type { CaseGroup } from "./harness.ts";
import { inventoryCases } from "./inventory-cases.ts";
import { notificationCases } from "./notification-cases.ts";
import { operatorCases } from "./operator-cases.ts";
import { policyCases } from "./policy-cases.ts";
import { reconciliationCases } from "./reconciliation-cases.ts";
import { reservationCases } from "./reservation-cases.ts";
import { shopCases } from "./shop-cases.ts";
import { stockCases } from "./stock-cases.ts";
import { writeCases } from "./write-cases.ts";

export const CASES: readonly CaseGroup[] = [
  ...[inventoryCases, writeCases, reservationCases, policyCases, bundleCases],
  ...[
    shopCases,
    gateCases,
    reconciliationCases,
    deadLetterCases,
    operatorCases,
    channelCases,
    channelEventCases,
    adapterCases,
    notificationCases,
    stockCases,
    deploymentCases,
  ],
];
