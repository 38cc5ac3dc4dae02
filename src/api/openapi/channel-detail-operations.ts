/** Secrets of channels, and what they call our SKUs. */
import { dryRunQuery } from "../parse.ts";
import {
  credentialBody,
  credentialReply,
  itemsBody,
  itemsGoneBody,
  itemsGoneReply,
  itemsPutReply,
  itemsQuery,
  itemsReply,
  resealReply,
  retiredReply,
  rotateBody,
  rotateReply,
} from "../wire/channels.ts";
import type { Group } from "./operation.ts";

const IN_FORCE = { inForceAt: "2026-11-28T09:00:10.000Z" };
const BASE = "/v1/channels/{channel}";
const of = (channel: string, name = "access_token") => ({ pathExamples: { channel, name } });

export const channelSecrets: Group = {
  name: "Channel secrets",
  description: "Ours to sign with, shown once; the merchant's credentials, never shown. Stored sealed.",
  operations: [
    {
      id: "rotateChannelSecret",
      method: "post",
      path: `${BASE}/secrets/rotate`,
      ...of("wms-main"),
      summary: "A new signing secret beside the old one",
      description: "Both hold for `keepOldForSeconds`. The new one is shown here alone.",
      body: { schema: rotateBody, example: { keepOldForSeconds: 86_400 }, isOptional: true },
      answers: [
        {
          status: 200,
          description: "The new one.",
          schema: rotateReply,
          example: {
            id: "wms-main",
            secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwAAAAAAAAAAA=",
            previousRetiresAt: "2026-11-29T09:00:00.000Z",
            ...IN_FORCE,
          },
        },
      ],
      problems: ["not_found"],
    },
    {
      id: "retirePreviousSecret",
      method: "delete",
      path: `${BASE}/secrets/previous`,
      ...of("wms-main"),
      summary: "The secret before ends now",
      answers: [
        {
          status: 200,
          description: "`retired`: there was one.",
          schema: retiredReply,
          example: { id: "wms-main", retired: true, ...IN_FORCE },
        },
      ],
      problems: ["not_found"],
    },
    {
      id: "putChannelCredential",
      method: "put",
      path: `${BASE}/credentials/{name}`,
      ...of("pos-front"),
      summary: "Store a credential that the merchant gave",
      body: { schema: credentialBody, example: { value: "token of the till's provider" } },
      answers: [
        {
          status: 200,
          description: "It is stored.",
          schema: credentialReply,
          example: { id: "pos-front", name: "access_token", stored: true, ...IN_FORCE },
        },
      ],
      problems: ["not_found"],
    },
    {
      id: "deleteChannelCredential",
      method: "delete",
      path: `${BASE}/credentials/{name}`,
      ...of("pos-front"),
      summary: "Forget it",
      answers: [
        {
          status: 200,
          description: "It is forgotten.",
          schema: credentialReply,
          example: { id: "pos-front", name: "access_token", stored: false, ...IN_FORCE },
        },
      ],
      problems: ["not_found"],
    },
    {
      id: "resealChannelSecrets",
      method: "post",
      path: "/v1/channels/secrets/reseal",
      summary: "Seal every secret anew under the present CHANNEL_KEY",
      answers: [
        {
          status: 200,
          description: "How many were, and whose could not be opened.",
          schema: resealReply,
          example: { resealed: 3, kept: 0, unreadable: [] },
        },
      ],
      problems: [],
    },
  ],
};

export const channelItems: Group = {
  name: "Channel items",
  description: "What a channel calls our SKUs, where it has names of its own.",
  operations: [
    {
      id: "listChannelItems",
      method: "get",
      path: `${BASE}/listings`,
      ...of("market-eu"),
      summary: "Its items, in their order",
      query: itemsQuery,
      answers: [
        {
          status: 200,
          description: "A page.",
          schema: itemsReply,
          example: { listings: [{ itemId: "B0-TEE-M", sku: "TEE-M" }], next: null },
        },
      ],
      problems: ["not_found"],
    },
    {
      id: "mapChannelItems",
      method: "put",
      path: `${BASE}/listings`,
      ...of("market-eu"),
      summary: "Map items to SKUs, row by row",
      query: dryRunQuery,
      body: { schema: itemsBody, example: { listings: [{ itemId: "B0-TEE-M", sku: "TEE-M" }] } },
      answers: [
        {
          status: 200,
          description: "How many are mapped, and which rows were not.",
          schema: itemsPutReply,
          example: { mapped: 1, errors: [] },
        },
      ],
      problems: ["not_found"],
    },
    {
      id: "unmapChannelItems",
      method: "delete",
      path: `${BASE}/listings`,
      ...of("market-eu"),
      summary: "Forget items, or all",
      body: { schema: itemsGoneBody, example: { itemIds: ["B0-TEE-M"] } },
      answers: [{ status: 200, description: "How many.", schema: itemsGoneReply, example: { removed: 1 } }],
      problems: ["not_found"],
    },
  ],
};
