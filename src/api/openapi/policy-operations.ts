/** What may be done with a SKU, and what each channel may sell. */
import { dryRunQuery } from "../parse.ts";
import { policyBody, rulesBody } from "../policy-body.ts";
import { channelRulesReply, policyChangedReply, policyReply } from "../wire/policies.ts";
import { writeQuery } from "../write-headers.ts";
import { POLICY, RULES } from "./examples.ts";
import { GUARDS } from "./headers.ts";
import type { Group, Operation } from "./operation.ts";

const CHANGED = { sku: "TEE-M", version: 8, policy: POLICY };
const answers: Operation["answers"] = [
  {
    status: 200,
    description: "The policy as it is now.",
    schema: policyChangedReply,
    example: CHANGED,
    headers: ["etag"],
  },
];
const problems: Operation["problems"] = [
  ...(["not_found", "importing", "version_mismatch", "stale_lease", "locked", "precondition_required"] as const),
];
const guarded = { query: writeQuery, headers: GUARDS, answers, problems } as const;

const CHANNEL_RULES = {
  channel: "till-front",
  rules: RULES,
  revision: 4,
  updatedAt: "2026-11-28T09:00:00.000Z",
  learnt: 120,
  counters: 120,
};
const ofChannel: Operation["answers"] = [
  { status: 200, description: "And how many counters know them.", schema: channelRulesReply, example: CHANNEL_RULES },
];
const RULES_PATH = "/v1/channels/{channel}/rules";

export const policies: Group = {
  name: "Policies",
  description:
    "How writers of a SKU are kept apart, where units are taken from, and what each channel may show and sell.",
  operations: [
    {
      id: "getPolicy",
      method: "get",
      path: "/v1/inventory/{sku}/policy",
      summary: "The whole policy of a SKU",
      answers: [
        {
          status: 200,
          description: "With what channels say for all SKUs.",
          schema: policyReply,
          example: { ...CHANGED, channelDefaults: { "till-front": RULES } },
          headers: ["etag"],
        },
      ],
      problems: ["not_found", "importing"],
    },
    {
      id: "putPolicy",
      method: "put",
      path: "/v1/inventory/{sku}/policy",
      summary: "Set it, whole",
      description: "What is left out has its default.",
      body: { schema: policyBody, example: { strategy: "optimistic", channels: { "till-front": { cap: 20 } } } },
      ...guarded,
    },
    {
      id: "putChannelRulesOfSku",
      method: "put",
      path: "/v1/inventory/{sku}/channels/{channel}",
      summary: "Rules of one channel for this SKU",
      body: { schema: rulesBody, example: { buffer: { kind: "fixed", units: 2 } } },
      ...guarded,
    },
    {
      id: "deleteChannelRulesOfSku",
      method: "delete",
      path: "/v1/inventory/{sku}/channels/{channel}",
      summary: "The channel's defaults hold again",
      ...guarded,
    },
    {
      id: "stopSelling",
      method: "post",
      path: "/v1/inventory/{sku}/channels/{channel}/stop",
      summary: "Stop-sell, at once",
      description: "The other rules stay.",
      ...guarded,
    },
    {
      id: "resumeSelling",
      method: "post",
      path: "/v1/inventory/{sku}/channels/{channel}/resume",
      summary: "The end of stop-sell",
      ...guarded,
    },
    {
      id: "getChannelRules",
      method: "get",
      path: RULES_PATH,
      summary: "Rules of a channel for every SKU without rules of its own",
      answers: ofChannel,
      problems: [],
    },
    {
      id: "putChannelRules",
      method: "put",
      path: RULES_PATH,
      summary: "Set them",
      query: dryRunQuery,
      body: { schema: rulesBody, example: { buffer: { kind: "percentage", percent: 10 } } },
      answers: ofChannel,
      problems: [],
    },
    {
      id: "deleteChannelRules",
      method: "delete",
      path: RULES_PATH,
      summary: "The channel shows everything again",
      query: dryRunQuery,
      answers: ofChannel,
      problems: [],
    },
  ],
};
