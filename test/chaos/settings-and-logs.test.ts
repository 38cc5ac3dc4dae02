/** A deployment with wrong settings, mended by the next one; and what a run of faults has left in the log. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type Person, personOf } from "../../dev/shopify-simulator/payloads/person.ts";
import { calmWorld } from "./support/calm.ts";
import { discarded, untilWaiting } from "./support/letters.ts";
import { type Posted, postWebhook } from "./support/post-webhook.ts";
import { waitUntil } from "./support/wait-until.ts";

const world = calmWorld({ seed: 75 });

const DONE_MS_MAX = 40_000;

describe("settings", () => {
  it.each([
    ["ADMIN_TOKEN", "short"],
    ["SHOPIFY_SHOPS", "shop.example.com"],
    ["UPSTASH_REDIS_REST_TOKEN", ""],
  ])(
    "are wrong or missing in a deploy: /v1 names %s, webhooks hear 503, and after the right deploy all counts",
    async (name, value) => {
      const calm = world();
      const { stack, simulator } = calm;
      const [sold, taken] = [calm.sku(), calm.sku()];
      await calm.nothingIsLost(); // a deploy of the local runtime forgets its queues: nothing may be in them
      await stack.worker.redeploy({ [name]: value });
      try {
        const response = await fetch(`${stack.file.worker}/v1/inventory/${encodeURIComponent(sold)}`);
        expect(response.status).toBe(500);
        expect(await response.json()).toMatchObject({ code: "misconfigured", detail: expect.stringContaining(name) });
        const { retried } = simulator.stats().webhooks;
        calm.buy([sold, 2]);
        expect(await waitUntil(() => simulator.stats().webhooks.retried > retried, DONE_MS_MAX)).toBe(true);
      } finally {
        await stack.worker.redeploy({});
      }
      expect(await calm.take(taken, 1)).toBe(true);
      await calm.nothingIsLost();
    },
  );
});

/** Of a buyer's, what nobody else has. First names and towns are words that may stand for something else. */
const privateOf = ({ email, phone, lastName, address1, browserIp }: Person): readonly string[] => [
  ...[email, phone, address1, browserIp, lastName],
];

describe("the log", () => {
  it("of all these faults and more has no buyer and no secret in any line", async () => {
    const calm = world();
    const { stack, simulator } = calm;
    const { file, gateway, log } = stack;
    const stranger = { email: "norman@example.org", name: "Norman Smithers", phone: "+49 151 2345 6789" };
    const mend = await calm.break({ where: "SKU_COUNTER", what: "apply", how: "lose_answer", times: 2 });
    gateway.faults.set({ failure: { kind: "status", status: 401, error: `WRONGPASS ${gateway.token}` }, times: 5 });
    simulator.planNextMutations({ kind: "http_error", status: 500, isApplied: true });
    for (let i = 0; i < 10; i += 1) calm.buy([calm.sku(), 1]);
    expect(await calm.take(calm.sku(), 1)).toBe(true);
    const strange = JSON.stringify({ id: "no id", line_items: [stranger], ...stranger });
    const posted = async (given: Partial<Posted>): Promise<number> =>
      (await postWebhook(calm, { topic: "orders/create", body: strange, ...given })).status;
    expect(await posted({})).toBe(200);
    const noJson = `{"email": ${stranger.email}, "token": "${simulator.accessToken}"}`;
    expect(await posted({ body: noJson })).toBe(200);
    // Unsigned, and with a header that names a person; another names a secret.
    expect(await posted({ secret: "not it", topic: stranger.email })).toBe(401);
    expect(await posted({ secret: "not it", topic: `x-${file.adminToken}` })).toBe(401);
    await (await stack.worker.queue("EVENTS")).send({ v: 1, kind: "note", ...stranger });
    await discarded(stack.client, await untilWaiting(stack.client, 3));
    await calm.nothingIsLost({ isMirrorBroken: true });
    expect(await mend()).toBe(2);
    gateway.faults.clear();

    const buyers = simulator.store.orders.map(({ customerSeed }) => personOf(customerSeed));
    expect(buyers.length).toBeGreaterThan(9);
    const hidden = [
      ...buyers.flatMap(privateOf),
      ...[...Object.values(stranger), "smithers", "151 2345"],
      ...[file.adminToken, gateway.token, simulator.clientSecret, simulator.accessToken],
    ];
    const lines = readFileSync(log.path, "utf8").split("\n");
    const expected = ["webhook.refused", "dead_letter.stored", "message.retried", "mirror.fault"];
    for (const event of expected) expect(lines.join("\n")).toContain(`"event":"${event}"`);
    const told = lines.filter((line) => hidden.some((word) => line.toLowerCase().includes(word.toLowerCase())));
    expect(told).toEqual([]);
  });
});
