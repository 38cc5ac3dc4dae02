/** Tills that keep their own stock. */
import { connectBody, connectReply, partBody } from "../wire/channel-connection.ts";
import { disconnectReply } from "../wire/shops.ts";
import type { Group } from "./operation.ts";

const PUSH = { locationId: "61", level: 12, ours: 12, delta: 0 };
const till = { pathExamples: { channel: "till-main" } };

export const channelConnections: Group = {
  name: "Channel connections",
  description: "A till that keeps its own stock (Square) is a replica, as a shop is: docs/adapters.md.",
  operations: [
    {
      id: "connectChannel",
      method: "post",
      path: "/v1/channels/{channel}/connect",
      ...till,
      summary: "Connect a page of its mapped items",
      description:
        "`adopt`: its counts become stock. `mirror`: they shall show ours. With `dryRun` every first push is shown and nothing is changed. Ask again with `nextCursor` until it is null.",
      body: { schema: connectBody, example: { mode: "mirror", dryRun: true }, isOptional: true },
      answers: [
        {
          status: 200,
          description: "What came of the page.",
          schema: connectReply,
          example: {
            mode: "mirror",
            nextCursor: null,
            counts: { items: 1, connected: 1, levels: 1 },
            findings: [],
            firstPushes: [
              {
                sku: "TEE-M",
                item: "6F4K33KPNUVDWKZ43KUIFH6K",
                shopLocation: "EF6D9SACKWBKZ",
                connection: "mirror",
                ...PUSH,
              },
            ],
            dryRun: true,
          },
        },
      ],
      problems: ["not_found", "conflict", "shopify_refused", "unavailable"],
    },
    {
      id: "disconnectChannel",
      method: "post",
      path: "/v1/channels/{channel}/disconnect",
      ...till,
      summary: "Part with it, a page at a time",
      description: "Its stock becomes ours, its items are skipped, its gate is paused.",
      body: { schema: partBody, example: { dryRun: true }, isOptional: true },
      answers: [
        {
          status: 200,
          description: "What came of the page.",
          schema: disconnectReply,
          example: {
            nextCursor: null,
            listings: 1,
            folded: [{ sku: "TEE-M", locationId: "61", units: 12 }],
            dryRun: true,
          },
        },
      ],
      problems: ["not_found", "conflict", "unavailable"],
    },
  ],
};
