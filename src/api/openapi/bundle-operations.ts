/** Bundles of ours: what one SKU that is sold takes from stock. */
import { bundleBody, bundlesQuery } from "../bundle-routes.ts";
import { dryRunQuery } from "../parse.ts";
import { bundleDeletedReply, bundlePutReply, bundleReply, bundlesReply } from "../wire/bundles.ts";
import { BUNDLE } from "./examples.ts";
import type { Group } from "./operation.ts";

const PUT = { ...BUNDLE, effectiveWithinSeconds: 60 };

export const bundles: Group = {
  name: "Bundles",
  description: "A SKU that is sold and takes others from stock. Bundles nest; at most 30 stocked SKUs in all.",
  operations: [
    {
      id: "listBundles",
      method: "get",
      path: "/v1/bundles",
      summary: "All bundles, in order of SKU",
      query: bundlesQuery,
      answers: [
        { status: 200, description: "A page.", schema: bundlesReply, example: { bundles: [BUNDLE], next: null } },
      ],
      problems: [],
    },
    {
      id: "getBundle",
      method: "get",
      path: "/v1/bundles/{sku}",
      summary: "One bundle, and what it takes from stock",
      answers: [
        {
          status: 200,
          description: "Nested bundles are resolved in `takes`.",
          schema: bundleReply,
          example: {
            ...BUNDLE,
            takes: [
              { sku: "TEE-M", quantity: 1 },
              { sku: "MUG", quantity: 2 },
            ],
          },
        },
      ],
      problems: ["not_found"],
    },
    {
      id: "putBundle",
      method: "put",
      path: "/v1/bundles/{sku}",
      summary: "Make a bundle, or change it",
      query: dryRunQuery,
      body: { schema: bundleBody, example: { components: [{ sku: "TEE-M" }, { sku: "MUG", quantity: 2 }] } },
      answers: [
        { status: 201, description: "It is new.", schema: bundlePutReply, example: PUT },
        { status: 200, description: "It is changed, or a dry run.", schema: bundlePutReply, example: PUT },
      ],
      problems: ["conflict"],
    },
    {
      id: "deleteBundle",
      method: "delete",
      path: "/v1/bundles/{sku}",
      summary: "Forget a bundle",
      query: dryRunQuery,
      answers: [
        {
          status: 200,
          description: "It is forgotten, or would be.",
          schema: bundleDeletedReply,
          example: { sku: "GIFT-SET", deleted: true, effectiveWithinSeconds: 60 },
        },
      ],
      problems: ["not_found", "conflict"],
    },
  ],
};
