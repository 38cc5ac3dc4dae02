/**
 * A shop of its own: `npx node dev/shopify-simulator/main.ts [--port N] [--seed N] [--skus N] [--locations N] [--shop NAME]`.
 * Prints where it listens and its credentials as one line of JSON, then serves until it gets SIGINT or SIGTERM.
 */
import { parseArgs } from "node:util";
import { startShopifySimulator } from "./simulator.ts";

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "0" },
    seed: { type: "string", default: "1" },
    skus: { type: "string", default: "50" },
    locations: { type: "string", default: "2" },
    shop: { type: "string", default: "onhand-dev.myshopify.com" },
  },
});

const simulator = await startShopifySimulator({
  port: Number(values.port),
  seed: Number(values.seed),
  shop: values.shop,
});
simulator.seedCatalogue({
  skus: Number(values.skus),
  locations: Number(values.locations),
  specials: { giftCard: true, untracked: true, blankSku: true, duplicateSku: true, bundle: true },
});
const { url, shop, clientId, clientSecret, accessToken, webhookSecret } = simulator;
console.log(JSON.stringify({ url, shop, clientId, clientSecret, accessToken, webhookSecret }));

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    void simulator.close().then(() => process.exit(0));
  });
}
