/** Channels themselves: what they are, whether they pass, how they are. */
import * as z from "zod/mini";
import { dryRunQuery } from "../parse.ts";
import { rulesBody } from "../policy-body.ts";
import {
  channelBody,
  channelChangedReply,
  channelGetReply,
  channelHealthReply,
  channelListReply,
  channelPutReply,
  channelRemovedReply,
  channelTestReply,
  pauseBody,
  readOnlyBody,
} from "../wire/channels.ts";
import { rulesReply } from "../wire/policies.ts";
import { CHANNEL } from "./examples.ts";
import type { Answer, Group } from "./operation.ts";

const BASE = "/v1/channels/{channel}";
const pathExamples = { channel: "wms-main" };
/** The rules have a parser of their own. */
const putBody = z.strictObject({ ...channelBody.shape, rules: z.optional(rulesBody) });
const putReply = z.extend(channelPutReply, { rules: z.optional(rulesReply) });

const IN_FORCE = { inForceAt: "2026-11-28T09:00:10.000Z" };
const changed: readonly Answer[] = [
  {
    status: 200,
    description: "The channel as it is now; every part of ours goes by it from `inForceAt` on.",
    schema: channelChangedReply,
    example: { ...CHANNEL, ...IN_FORCE },
    headers: ["etag"],
  },
];

export const channels: Group = {
  name: "Channels",
  description:
    "Shops, warehouses, tills and marketplaces: added, changed and paused without a deploy. docs/channels.md.",
  operations: [
    {
      id: "listChannels",
      method: "get",
      path: "/v1/channels",
      summary: "All channels",
      answers: [
        {
          status: 200,
          description: "And the shops of SHOPIFY_SHOPS, which need none of their own.",
          schema: channelListReply,
          example: { channels: [CHANNEL], environmentShops: ["shop-a.myshopify.com"] },
        },
      ],
      problems: [],
    },
    {
      id: "getChannel",
      method: "get",
      path: BASE,
      pathExamples,
      summary: "One channel",
      description: "Of its secrets only which there are.",
      answers: [
        {
          status: 200,
          description: "As it is now.",
          schema: channelGetReply,
          example: {
            ...CHANNEL,
            secrets: {
              signing: [{ version: 1, createdAt: CHANNEL.createdAt, retiresAt: null }],
              credentials: [],
            },
            listingCount: 0,
          },
          headers: ["etag"],
        },
      ],
      problems: ["not_found"],
    },
    {
      id: "putChannel",
      method: "put",
      path: BASE,
      pathExamples,
      summary: "Make a channel, or say the whole of it anew",
      description:
        "What is left out has its default; `rules` that are left out stay. Its signing `secret` is shown once, when it is new. Every part of ours goes by it from `inForceAt` on; orders that are received after the answer are told to it already.",
      query: dryRunQuery,
      headers: ["ifMatch"],
      body: {
        schema: putBody,
        example: { type: "wms", endpoint: "https://wms.example.com/onhand", outbound: { orders: ["*"] } },
      },
      answers: [
        {
          status: 201,
          description: "It is new.",
          schema: putReply,
          example: {
            ...CHANNEL,
            ...{ effectiveWithinSeconds: 10, ...IN_FORCE },
            secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwAAAAAAAAAAA=",
          },
          headers: ["etag"],
        },
        {
          status: 200,
          description: "It is changed, or a dry run.",
          schema: putReply,
          example: { ...CHANNEL, effectiveWithinSeconds: 10, ...IN_FORCE },
          headers: ["etag"],
        },
      ],
      problems: ["conflict", "version_mismatch"],
    },
    {
      id: "deleteChannel",
      method: "delete",
      path: BASE,
      pathExamples,
      summary: "Forget a channel and its secrets",
      description: "One whose items are counted as a shop's are is disconnected first.",
      answers: [
        {
          status: 200,
          description: "It is forgotten.",
          schema: channelRemovedReply,
          example: { id: CHANNEL.id, removed: true, ...IN_FORCE },
        },
      ],
      problems: ["not_found", "conflict"],
    },
    {
      id: "pauseChannel",
      method: "post",
      path: `${BASE}/pause`,
      pathExamples,
      summary: "Nothing passes, in or out",
      body: { schema: pauseBody, example: { reason: "their stocktake" }, isOptional: true },
      answers: changed,
      problems: ["not_found"],
    },
    {
      id: "resumeChannel",
      method: "post",
      path: `${BASE}/resume`,
      pathExamples,
      summary: "It passes again",
      answers: changed,
      problems: ["not_found"],
    },
    {
      id: "setChannelReadOnly",
      method: "post",
      path: `${BASE}/read-only`,
      pathExamples,
      summary: "It is heard, and nothing is sent to it",
      body: { schema: readOnlyBody, example: { on: true } },
      answers: changed,
      problems: ["not_found"],
    },
    {
      id: "testChannel",
      method: "post",
      path: `${BASE}/test`,
      pathExamples,
      summary: "Make one call to it",
      description:
        "A signed `channel.test` to its endpoint; of a shop or a till that keeps its own stock the least question there is, by its own token and through its gate.",
      answers: [
        {
          status: 200,
          description: "What the receiver said; not sent, `retryAt` says when its breaker lets a try pass.",
          schema: channelTestReply,
          example: { sent: true, ok: true, status: 204, ms: 83, reply: null, reason: null, retryAt: null },
        },
      ],
      problems: ["not_found", "conflict"],
    },
    {
      id: "getChannelHealth",
      method: "get",
      path: `${BASE}/health`,
      pathExamples,
      summary: "How it is",
      answers: [
        {
          status: 200,
          description: "A verdict, its reasons (those of its gate included), and what was seen in 24 hours.",
          schema: channelHealthReply,
          example: {
            ...{ id: CHANNEL.id, verdict: "healthy", reasons: [], state: "active", readOnly: false },
            breaker: { state: "closed", reason: null, since: null },
            ...{ lastReceivedAt: "2026-11-28T09:00:00.000Z", lastSentAt: null, lastError: null },
            last24h: { counts: { "received queued": 12 }, isPartial: false },
            waitingDeadLetters: 0,
          },
        },
      ],
      problems: ["not_found"],
    },
  ],
};
