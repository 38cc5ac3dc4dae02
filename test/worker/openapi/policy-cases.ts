/** Policies and channel rules. */
import { stock } from "../support/catalogue.ts";
import type { CaseGroup } from "./harness.ts";

const sku = { sku: "OP-1" };
const of = { sku: "OP-1", channel: "till" };
const channel = { channel: "op-till" };
const stale = { "if-match": 'W/"1"' };

export const policyCases: CaseGroup = {
  name: "policies",
  prepare: () => stock("OP-1", "70301", 10),
  cases: [
    { op: "getPolicy", status: 200, path: sku },
    { op: "getPolicy", status: 404, code: "not_found", path: { sku: "OP-NONE" } },
    {
      op: "putPolicy",
      status: 200,
      path: sku,
      body: { channels: { web: { cap: 5, buffer: { kind: "percentage", percent: 10 } } } },
    },
    { op: "putPolicy", status: 200, why: "a dry run", path: sku, query: { dryRun: "true" }, body: {} },
    { op: "putPolicy", status: 400, code: "bad_request", path: sku, body: { strategy: "eager" } },
    { op: "putPolicy", status: 412, code: "version_mismatch", path: sku, headers: stale, body: {} },
    { op: "putChannelRulesOfSku", status: 200, path: of, body: { buffer: { kind: "fixed", units: 2 } } },
    { op: "putChannelRulesOfSku", status: 400, code: "bad_request", path: of, body: { cap: -1 } },
    { op: "stopSelling", status: 200, path: of },
    { op: "stopSelling", status: 404, code: "not_found", path: { sku: "OP-NONE", channel: "till" } },
    { op: "resumeSelling", status: 200, path: of },
    { op: "resumeSelling", status: 404, code: "not_found", path: { sku: "OP-NONE", channel: "till" } },
    { op: "deleteChannelRulesOfSku", status: 200, path: of },
    { op: "deleteChannelRulesOfSku", status: 412, code: "version_mismatch", path: of, headers: stale },
    { op: "getChannelRules", status: 200, why: "of none", path: channel },
    { op: "putChannelRules", status: 200, path: channel, body: { cap: 3 } },
    {
      op: "putChannelRules",
      status: 200,
      why: "a dry run",
      path: channel,
      query: { dryRun: "true" },
      body: { cap: 3 },
    },
    { op: "putChannelRules", status: 400, code: "bad_request", path: channel, body: { cap: "3" } },
    { op: "getChannelRules", status: 200, path: channel },
    { op: "deleteChannelRules", status: 200, path: channel },
  ],
};
