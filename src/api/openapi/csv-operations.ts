/** Levels out, and stocktakes in, as CSV (RFC 4180). */
import * as z from "zod/mini";
import { exportQuery, importQuery } from "../csv-routes.ts";
import { importPlanReply, importRunReply } from "../wire/csv.ts";
import type { Group } from "./operation.ts";

const PLAN_ID = "plan_3f0c9a52-6a57-4b5e-9a43-1f0f5a0f2f6b";

export const csv: Group = {
  name: "CSV",
  description: "Levels out, and stocktakes in. UTF-8, with a header line.",
  operations: [
    {
      id: "exportLevels",
      method: "get",
      path: "/v1/inventory/export",
      summary: "Levels of all SKUs, streamed",
      description:
        "A row per SKU and location, in order of SKU, 5,000 SKUs at a call: `Link` leads on. A SKU that cannot be read has one row with its `problem`.",
      query: exportQuery,
      answers: [
        {
          status: 200,
          description: "A page.",
          contentType: "text/csv",
          example:
            "sku,locationId,available,onHand,committed,reserved,damaged,safetyStock,floor,version,asOf,problem\r\nTEE-M,61,12,12,0,0,0,0,12,7,2026-11-28T09:00:00.000Z,\r\n",
          headers: ["link"],
        },
      ],
      problems: [],
    },
    {
      id: "importCounts",
      method: "post",
      path: "/v1/inventory/import",
      summary: "Counts of the shelf: a dry run, then the run",
      description:
        "Columns `sku,locationId,counted`, and if you like `of` (`available` or `on_hand`) and `countedAt`; at most 1,000 rows and 256 kB. The run takes the very same bytes with the dry run's `planId` within a day, and answers after 15 s at most: not `done`, send it again with `fromLine`.",
      query: importQuery,
      body: {
        contentType: "text/csv",
        schema: z.string(),
        example: "sku,locationId,counted\r\nTEE-M,61,12\r\n",
      },
      answers: [
        {
          status: 200,
          description: "What would be counted, or what was.",
          schema: z.union([importPlanReply, importRunReply]),
          example: {
            dryRun: true,
            planId: PLAN_ID,
            expiresAt: "2026-11-29T09:00:00.000Z",
            rows: 1,
            errors: [],
            changes: [
              {
                line: 2,
                sku: "TEE-M",
                locationId: "61",
                counted: 12,
                of: "available",
                outcome: "counted",
                difference: -1,
                countedAt: null,
              },
            ],
          },
        },
      ],
      problems: ["not_found", "conflict"],
    },
  ],
};
