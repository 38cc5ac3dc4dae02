/** Levels and their history. */
import * as z from "zod/mini";
import { batchBody, levelsQuery } from "../inventory-routes.ts";
import { channelField } from "../movement-body.ts";
import { movementsQuery } from "../movements-query.ts";
import { batchReply, bundleLevelsReply, levelsReply, pastLevelsReply } from "../wire/levels.ts";
import { movementsReply } from "../wire/movements.ts";
import { bundleSellableReply, levelsOfChannelReply, sellableReply } from "../wire/policies.ts";
import { LEVELS, MOVEMENT, RULES } from "./examples.ts";
import type { Group } from "./operation.ts";

const channelQuery = z.strictObject({
  channel: channelField,
});

export const levelsOfAnyKind = z.union([levelsReply, bundleLevelsReply, levelsOfChannelReply, pastLevelsReply]);
export const sellableOfAnyKind = z.union([sellableReply, bundleSellableReply]);

export const inventory: Group = {
  name: "Inventory",
  description: "What there is, what there was, and how it came about.",
  operations: [
    {
      id: "getLevels",
      method: "get",
      path: "/v1/inventory/{sku}",
      summary: "Levels of one SKU",
      description:
        "From the mirror if it knows them. With `channel` they come from the counter, with what that channel may sell. With `asOf` they are as they were. A bundle is worked out from its components.",
      query: z.strictObject({ ...levelsQuery.shape, channel: z.optional(channelField) }),
      headers: ["ifNoneMatch"],
      answers: [
        { status: 200, description: "The levels.", schema: levelsOfAnyKind, example: LEVELS, headers: ["etag"] },
        { status: 304, description: "They are as the caller knows them.", headers: ["etag"] },
      ],
      problems: ["not_found", "importing"],
    },
    {
      id: "getLevelsOfMany",
      method: "post",
      path: "/v1/inventory/batch",
      summary: "Levels of up to 250 SKUs",
      body: { schema: batchBody, example: { skus: ["TEE-M", "NO-SUCH"] } },
      answers: [
        {
          status: 200,
          description: "Those that are known, and names of the others.",
          schema: batchReply,
          example: { items: [LEVELS], missing: ["NO-SUCH"], unavailable: [] },
        },
      ],
      problems: [],
    },
    {
      id: "getSellable",
      method: "get",
      path: "/v1/inventory/{sku}/sellable",
      summary: "What one channel may sell",
      query: channelQuery,
      answers: [
        {
          status: 200,
          description: "After buffers, caps and stop-sell.",
          schema: sellableOfAnyKind,
          example: {
            sku: "TEE-M",
            channel: "till-front",
            sellable: 10,
            withheld: 2,
            certain: 10,
            rulesFrom: "sku",
            rules: RULES,
            locations: [{ locationId: "61", available: 12, withheld: 2, sellable: 10 }],
            asOf: "2026-11-28T09:00:00.000Z",
          },
          headers: ["etag"],
        },
      ],
      problems: ["not_found", "importing"],
    },
    {
      id: "listMovements",
      method: "get",
      path: "/v1/inventory/{sku}/movements",
      summary: "History of one SKU, newest first",
      description: "Single movements of 30 days. `kind` takes several, comma-separated; `next` pages on as `before`.",
      query: movementsQuery,
      answers: [
        { status: 200, description: "A page.", schema: movementsReply, example: { movements: [MOVEMENT], next: null } },
      ],
      problems: ["not_found", "importing"],
    },
  ],
};
