/** Movements, counts and leases. */
import { call } from "../support/api.ts";
import { list, stock } from "../support/catalogue.ts";
import { HERE, THERE } from "../support/counters.ts";
import type { CaseGroup } from "./harness.ts";

const sku = { sku: "OW-1" };
const strict = { sku: "OW-STRICT" };
const key = (name: string) => ({ "idempotency-key": `ow-${name}` });
let lease: Record<string, string> = {};

export const writeCases: CaseGroup = {
  name: "writes",
  prepare: async () => {
    await stock("OW-1", "70101", 20, 5);
    await stock("OW-2", "70102", 20);
    await stock("OW-STRICT", "70103", 5);
    await list("OW-NEW", "70104");
    await call("PUT", "/v1/bundles/OW-SET", { components: [{ sku: "OW-1", quantity: 2 }, { sku: "OW-2" }] });
    await call("PUT", "/v1/inventory/OW-STRICT/policy", { strategy: "optimistic" });
  },
  cases: [
    { op: "adjust", status: 201, path: sku, headers: key("a1"), body: { delta: -2, reason: "sale", locationId: HERE } },
    {
      op: "adjust",
      status: 200,
      why: "a repeat",
      path: sku,
      headers: key("a1"),
      body: { delta: -2, reason: "sale", locationId: HERE },
    },
    {
      op: "adjust",
      status: 200,
      why: "a dry run",
      path: sku,
      query: { dryRun: "true" },
      headers: key("a2"),
      body: { delta: 1, reason: "found" },
    },
    {
      op: "adjust",
      status: 422,
      code: "idempotency_key_reused",
      path: sku,
      headers: key("a1"),
      body: { delta: -3, reason: "sale" },
    },
    {
      op: "adjust",
      status: 409,
      code: "insufficient_stock",
      path: sku,
      headers: key("a3"),
      body: { delta: -500, reason: "sale" },
    },
    {
      op: "adjust",
      status: 400,
      code: "bad_request",
      path: sku,
      headers: key("a4"),
      body: { delta: 0, reason: "sale" },
    },
    {
      op: "adjust",
      status: 404,
      code: "not_found",
      path: { sku: "OW-NONE" },
      headers: key("a5"),
      body: { delta: 1, reason: "x" },
    },
    {
      op: "adjust",
      status: 503,
      code: "importing",
      path: { sku: "OW-NEW" },
      headers: key("a6"),
      body: { delta: 1, reason: "x" },
    },
    {
      op: "adjust",
      status: 422,
      code: "out_of_range",
      path: sku,
      headers: key("a7"),
      body: { delta: 1_000_000_000, reason: "x" },
    },
    {
      op: "adjust",
      status: 412,
      code: "version_mismatch",
      path: sku,
      headers: { ...key("a8"), "if-match": 'W/"1"' },
      body: { delta: 1, reason: "x" },
    },
    {
      op: "adjust",
      status: 428,
      code: "precondition_required",
      path: strict,
      headers: key("a9"),
      body: { delta: -1, reason: "x" },
    },
    {
      op: "adjust",
      status: 400,
      code: "bad_request",
      why: "no such location",
      path: sku,
      headers: key("a10"),
      body: { delta: 1, reason: "x", locationId: "999" },
    },
    {
      op: "move",
      status: 201,
      why: "a sale",
      path: sku,
      headers: key("m1"),
      body: { kind: "sale", quantity: 1, channel: "till" },
    },
    {
      op: "move",
      status: 201,
      why: "a transfer",
      path: sku,
      headers: key("m2"),
      body: { kind: "transfer", quantity: 1, locationId: HERE, toLocationId: THERE },
    },
    {
      op: "move",
      status: 200,
      why: "a repeat",
      path: sku,
      headers: key("m2"),
      body: { kind: "transfer", quantity: 1, locationId: HERE, toLocationId: THERE },
    },
    {
      op: "move",
      status: 201,
      why: "damage",
      path: sku,
      headers: key("m3"),
      body: { kind: "damage", quantity: 1, locationId: HERE },
    },
    {
      op: "move",
      status: 201,
      why: "a bundle's sale",
      path: { sku: "OW-SET" },
      headers: key("m4"),
      body: { kind: "sale", quantity: 1, channel: "till" },
    },
    {
      op: "move",
      status: 200,
      why: "a bundle's sale again",
      path: { sku: "OW-SET" },
      headers: key("m4"),
      body: { kind: "sale", quantity: 1, channel: "till" },
    },
    {
      op: "move",
      status: 201,
      why: "a bundle's return",
      path: { sku: "OW-SET" },
      headers: key("m5"),
      body: { kind: "return", quantity: 1, locationId: HERE },
    },
    {
      op: "move",
      status: 409,
      code: "insufficient_stock",
      why: "of a bundle",
      path: { sku: "OW-SET" },
      headers: key("m6"),
      body: { kind: "sale", quantity: 90 },
    },
    {
      op: "move",
      status: 400,
      code: "bad_request",
      path: sku,
      headers: key("m7"),
      body: { kind: "theft", quantity: 1 },
    },
    { op: "count", status: 201, path: sku, headers: key("c1"), body: { locationId: HERE, counted: 15 } },
    {
      op: "count",
      status: 200,
      why: "a repeat",
      path: sku,
      headers: key("c1"),
      body: { locationId: HERE, counted: 15 },
    },
    { op: "count", status: 202, path: sku, headers: key("c2"), body: { locationId: HERE, counted: 15, of: "on_hand" } },
    {
      op: "count",
      status: 400,
      code: "bad_request",
      path: sku,
      headers: key("c3"),
      body: { locationId: "999", counted: 1 },
    },
    {
      op: "lock",
      status: 200,
      why: "a dry run",
      path: { sku: "OW-2" },
      query: { dryRun: "true" },
      body: { ttlSeconds: 60 },
    },
    {
      ...{ op: "lock", status: 201, path: { sku: "OW-2" }, body: { ttlSeconds: 60 } },
      keep: (body) => {
        lease = { "lease-id": String(body["leaseId"]), "fencing-token": String(body["fencingToken"]) };
      },
    },
    {
      op: "lock",
      status: 423,
      code: "locked",
      path: { sku: "OW-2" },
      query: { wait: "0" },
      headers: { "x-client-id": "other" },
      body: { ttlSeconds: 60 },
    },
    { op: "extendLock", status: 200, path: { sku: "OW-2" }, headers: () => lease, body: { ttlSeconds: 90 } },
    { op: "extendLock", status: 400, code: "bad_request", path: { sku: "OW-2" }, body: { ttlSeconds: 90 } },
    { op: "unlock", status: 200, path: { sku: "OW-2" }, headers: () => lease },
    {
      op: "unlock",
      status: 412,
      code: "stale_lease",
      path: { sku: "OW-2" },
      headers: () => ({ ...lease, "fencing-token": "999" }),
    },
    { op: "unlock", status: 404, code: "not_found", path: { sku: "OW-NONE" }, headers: () => lease },
  ],
};
