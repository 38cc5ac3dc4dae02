/** Shopify lets our calls in no more: tokens, credentials, scopes, the app, the shop itself. */
import { describe, expect, it, onTestFinished } from "vitest";
import { importShop } from "../../dev/cli/import-shop.ts";
import type { FaultsInput } from "../../dev/shopify-simulator/faults/faults.ts";
import { registerWebhooks } from "../../dev/stack/stack.ts";
import { firedAndOver, readAlerts } from "./support/alerts.ts";
import { type Calm, calmWorld } from "./support/calm.ts";
import { GateView } from "./support/gates.ts";
import { waitUntil } from "./support/wait-until.ts";

const world = calmWorld({ seed: 72 });

const PATIENCE_MS = 60_000;

/** Tills and buyers at Shopify go on, whatever the shop's gate may do. */
async function trade(calm: Calm, skus: readonly string[]): Promise<void> {
  for (const sku of skus) {
    expect(await calm.take(sku, 1)).toBe(true);
    calm.buy([sku, 1]);
  }
}

/** What the runbook says for an app that was removed: install it again, subscribe, resume, import; what was not told is reconciled. */
async function installAgain(calm: Calm): Promise<void> {
  const { client } = calm.stack;
  const { shop } = calm.simulator;
  calm.simulator.installApp();
  await new GateView(calm).resume();
  await registerWebhooks(client, shop, () => {});
  await importShop(client, shop);
  const { runs } = await client.call<{ runs: readonly { id: string }[] }>("POST", "/v1/reconciliations", {
    scope: { shop, skus: "all" },
  });
  const isDone = async (): Promise<boolean> => {
    const run = await client.call<{ status: string }>("GET", `/v1/reconciliations/${runs[0]?.id}`);
    return run.status === "done";
  };
  expect(await waitUntil(isDone, PATIENCE_MS)).toBe(true);
}

const isFiring = async (calm: Calm): Promise<boolean> =>
  (await readAlerts(calm.stack.client)).firing.some(({ alert }) => alert === "token_refused");

describe("a token", () => {
  it("expires, and another is revoked before what waits goes out: each is replaced once, and nothing pauses", async () => {
    const calm = world();
    const gate = new GateView(calm);
    const { simulator } = calm;
    const granted = calm.logged("gate.token_granted");
    const refused = calm.logged("gate.call_unauthorized");
    simulator.expireTokens();
    expect(await calm.take(calm.sku(), 1)).toBe(true);
    expect(await gate.untilIdle()).toBe(true);
    expect(calm.logged("gate.token_granted")).toBe(granted + 1);
    await gate.configure({ readOnly: true });
    onTestFinished(async () => void (await gate.configure({ readOnly: false })));
    await trade(calm, [calm.sku(), calm.sku(), calm.sku()]);
    expect(await gate.untilQueued(3)).toBe(true);
    simulator.revokeTokens();
    await gate.configure({ readOnly: false });
    expect(await gate.untilIdle()).toBe(true);
    expect(calm.logged("gate.token_granted")).toBe(granted + 2);
    expect(calm.logged("gate.call_unauthorized")).toBeGreaterThan(refused);
    expect((await gate.status()).pausedReason).toBeNull();
    await calm.nothingIsLost();
  });
});

const SHUT: readonly (readonly [string, FaultsInput["graphql"], FaultsInput["graphql"], string])[] = [
  ["is frozen", { outageStatus: 402 }, { outageStatus: null }, "shop_frozen"],
  ["takes the scope to write away", { missingScopes: ["write_inventory"] }, { missingScopes: [] }, "ACCESS_DENIED"],
];

describe("a shop that lets nobody in", () => {
  it.each(SHUT)("%s: a pause says so, and all goes out when it is resumed", async (_, fault, mended, reason) => {
    const calm = world();
    const gate = new GateView(calm);
    const mend = (): void => calm.simulator.patchFaults({ graphql: mended });
    onTestFinished(mend);
    calm.simulator.patchFaults({ graphql: fault });
    const skus = [calm.sku(), calm.sku()];
    await trade(calm, skus);
    expect(await gate.untilPaused(reason)).toBe(true);
    await trade(calm, skus);
    expect(await gate.status()).toMatchObject({ pausedReason: reason, breaker: { state: "open" } });
    mend();
    await gate.resume();
    expect(await gate.untilIdle()).toBe(true);
    await calm.nothingIsLost();
  });

  it("has removed the app, and the news of it came: its gate pauses, tills go on, and the alert says so until it is back", async () => {
    const calm = world();
    const gate = new GateView(calm);
    const skus = [calm.sku(), calm.sku()];
    calm.simulator.uninstallApp();
    onTestFinished(() => calm.simulator.installApp());
    expect(await gate.untilPaused("app_uninstalled")).toBe(true);
    // Nobody hears of what its buyers do meanwhile.
    await trade(calm, skus);
    expect(await gate.untilQueued(2)).toBe(true);
    expect(await waitUntil(() => isFiring(calm), PATIENCE_MS)).toBe(true);
    await installAgain(calm);
    expect(await gate.untilIdle()).toBe(true);
    await calm.nothingIsLost();
    await firedAndOver(calm.stack.client, "token_refused", PATIENCE_MS);
  });

  it("grants our credentials no token: imports and the gate say so, and the token endpoint is asked no more", async () => {
    const calm = world();
    const gate = new GateView(calm);
    const { client } = calm.stack;
    const { shop } = calm.simulator;
    const skus = [calm.sku(), calm.sku()];
    const before = calm.logged("gate.token_refused");
    calm.simulator.patchFaults({ webhooks: { dropRate: { "app/uninstalled": 1 } } });
    onTestFinished(() => calm.simulator.patchFaults({ webhooks: { dropRate: 0 } }));
    calm.simulator.uninstallApp();
    onTestFinished(() => calm.simulator.installApp());
    await trade(calm, skus);
    expect(await gate.untilPaused("token_HTTP_400")).toBe(true);
    await trade(calm, skus);
    for (let asks = 1; asks <= 3; asks += 1) {
      const refusal = client.call("POST", `/v1/shops/${shop}/import`, {});
      await expect(refusal).rejects.toMatchObject({ message: expect.stringContaining("HTTP_400") });
    }
    expect(calm.logged("gate.token_refused")).toBe(before + 1);
    await installAgain(calm);
    expect(await gate.untilIdle()).toBe(true);
    await calm.nothingIsLost();
  });
});
