/** Gates of shops, and an operator's decisions. */
import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { fromStore, type ShopDomain } from "../../../src/domain/ids.ts";
import { gateOf } from "../../../src/store/durable-counters.ts";
import { itemOf, push, pushKey } from "../../support/shop-gate/builders.ts";
import { ScriptedShopify } from "../support/shopify.ts";
import { until } from "../support/until.ts";
import type { CaseGroup } from "./harness.ts";

const SHOP = fromStore<ShopDomain>("second-shop.myshopify.com");
const shop = { shop: SHOP };
const other = { shop: "nobody.myshopify.com" };
const held = { ...shop, key: pushKey("held") };
const lost = { ...shop, key: pushKey("lost") };
const none = { ...shop, key: "none" };
const gate = () => gateOf(env.SHOP_GATE, SHOP);

const shopify = new ScriptedShopify();

/** A call whose reply never came, and whose key Shopify has forgotten by now. */
async function loseAReply(): Promise<void> {
  shopify.model.levels.set(`${itemOf("lost")}@1`, 9);
  shopify.model.faults = ["reply_lost"];
  await gate().submit({ pushes: [push("lost")], reads: [] });
  await until(
    () => gate().status(),
    ({ frozen }) => frozen === 1,
  );
  const stub = env.SHOP_GATE.getByName(SHOP);
  await runInDurableObject(stub, (_, { storage }) =>
    storage.sql.exec("UPDATE call SET first_at_ms = first_at_ms - 23 * 3600000"),
  );
  await runDurableObjectAlarm(stub);
}

export const gateCases: CaseGroup = {
  name: "gates",
  prepare: () => {
    shopify.listen();
  },
  cases: [
    { op: "setGates", status: 200, body: { readOnly: true } },
    { op: "setGates", status: 400, code: "bad_request", body: { deltaMax: -1 } },
    { op: "getGates", status: 200 },
    { op: "getGate", status: 200, path: shop },
    { op: "getGate", status: 404, code: "not_found", path: other },
    {
      ...{ op: "getHeldPushes", status: 200, path: shop },
      before: () => gate().submit({ pushes: [push("held")], reads: [] }),
    },
    { op: "getHeldPushes", status: 404, code: "not_found", path: other },
    { op: "approvePush", status: 200, path: held },
    { op: "approvePush", status: 404, code: "not_found", path: none },
    { op: "resolvePush", status: 409, code: "conflict", path: held, body: { applied: true } },
    { op: "resolvePush", status: 400, code: "bad_request", path: held, body: {} },
    { op: "cancelPush", status: 200, path: held },
    { op: "cancelPush", status: 404, code: "not_found", path: none },
    { op: "setGate", status: 200, path: shop, body: { readOnly: false, deltaMax: 1_000 } },
    { op: "setGate", status: 404, code: "not_found", path: other, body: {} },
    { op: "getPush", status: 404, code: "not_found", path: none },
    { op: "getPush", status: 200, path: lost, before: loseAReply },
    { op: "resolvePush", status: 200, path: lost, body: { applied: true } },
    { op: "resumeGate", status: 200, path: shop },
    { op: "resumeGate", status: 404, code: "not_found", path: other },
    { op: "setGates", status: 200, why: "as before", body: { readOnly: false } },
  ],
};
