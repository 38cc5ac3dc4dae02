/** What goes out to Shopify, and an operator's catches. */
import { gateSettingsBody } from "../gate-settings.ts";
import { resolveBody } from "../shop-routes.ts";
import { doneReply, evidenceReply, gateReply, gatesReply, heldPushesReply } from "../wire/gate.ts";
import { GATE } from "./examples.ts";
import type { Answer, Group, Operation } from "./operation.ts";

const PUSH = {
  pushKey: "push_01",
  skuId: "sku_01",
  listingId: "shop-a.myshopify.com/43729076",
  kind: "adjust",
  rows: [{ item: "43729076", location: "61", delta: -1 }],
  correlationId: "order-1001-attempt-1",
};
const BASE = "/v1/shops/{shop}/gate";
const PUSH_PATH = `${BASE}/pushes/{key}`;
const status: readonly Answer[] = [
  { status: 200, description: "The gate as it is now.", schema: gateReply, example: GATE },
];
const all: readonly Answer[] = [
  {
    status: 200,
    description: "Every gate.",
    schema: gatesReply,
    example: { shops: [{ shop: "shop-a.myshopify.com", status: GATE }] },
  },
];
const decision = (id: string, name: string, summary: string, body?: Operation["body"]): Operation => ({
  ...{ id, method: "post", path: `${PUSH_PATH}/${name}`, summary },
  ...(body === undefined ? {} : { body }),
  answers: [{ status: 200, description: "Done.", schema: doneReply, example: { done: true } }],
  problems: ["not_found", "conflict"],
});

export const gates: Group = {
  name: "Gates",
  description:
    "Each shop's gate packs and paces what goes out to Shopify, a till's what goes out to Square; an operator may hold it.",
  operations: [
    {
      id: "getGates",
      method: "get",
      path: "/v1/gate",
      summary: "The gates of all shops and tills",
      answers: all,
      problems: [],
    },
    {
      id: "setGates",
      method: "patch",
      path: "/v1/gate",
      summary: "Catches for all shops and tills at once",
      description: "503 with the same list if one of them was not reached: the others were.",
      body: { schema: gateSettingsBody, example: { stopped: true } },
      answers: all,
      problems: [],
    },
    {
      id: "getGate",
      method: "get",
      path: BASE,
      summary: "Budget, queue, counts and catches of one of them",
      answers: status,
      problems: ["not_found"],
    },
    {
      id: "setGate",
      method: "patch",
      path: BASE,
      summary: "Set its catches",
      description: "What is left out stays as it is.",
      body: { schema: gateSettingsBody, example: { readOnly: true } },
      answers: status,
      problems: ["not_found"],
    },
    {
      id: "resumeGate",
      method: "post",
      path: `${BASE}/resume`,
      summary: "End its pause",
      answers: status,
      problems: ["not_found"],
    },
    {
      id: "getHeldPushes",
      method: "get",
      path: `${BASE}/pushes`,
      summary: "What is held, and why",
      answers: [
        {
          status: 200,
          description: "Every push that waits.",
          schema: heldPushesReply,
          example: {
            pushes: [{ ...PUSH, state: "queued", reason: "delta_above_max", submittedAtMs: 1_764_320_400_000 }],
          },
        },
      ],
      problems: ["not_found"],
    },
    {
      id: "getPush",
      method: "get",
      path: PUSH_PATH,
      summary: "Evidence of a push whose outcome nobody told",
      answers: [
        {
          status: 200,
          description: "What is known, and the levels as Shopify tells them now.",
          schema: evidenceReply,
          example: {
            push: PUSH,
            state: "expired",
            call: {
              callKey: "call_01",
              referenceDocumentUri: "gid://onhand/Push/call_01",
              firstAtMs: 1_764_320_400_000,
              attempts: 9,
              code: null,
              message: null,
            },
            levels: [{ location: "61", available: 12, committed: 0, atMs: 1_764_320_400_000 }],
          },
        },
      ],
      problems: ["not_found"],
    },
    decision("approvePush", "approve", "Let a held push go"),
    decision("cancelPush", "cancel", "Take a held push back"),
    decision("resolvePush", "resolve", "Say whether it was applied", {
      schema: resolveBody,
      example: { applied: true },
    }),
  ],
};
