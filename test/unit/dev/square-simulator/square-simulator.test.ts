import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it } from "vitest";
import { SquareSimulator } from "../../../../dev/square-simulator/square-simulator.ts";
import { square } from "../../../../src/ingress/adapters/square.ts";

it("applies a call once, whatever is repeated, and tells of it by a webhook that the adapter verifies", async () => {
  const got: { readonly text: string; readonly headers: Headers }[] = [];
  let refusals = 1;
  const ear = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const isTaken = refusals-- <= 0;
    if (isTaken)
      got.push({
        text: Buffer.concat(parts).toString("utf8"),
        headers: new Headers(request.headers as Record<string, string>),
      });
    response.writeHead(isTaken ? 200 : 503).end();
  });
  await new Promise<void>((resolve) => ear.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(ear.address() as AddressInfo).port}/webhooks/channels/till-main`;
  const simulator = new SquareSimulator({ accessToken: "t", notificationUrl: url, signatureKey: "k" });
  const origin = await simulator.start();
  try {
    simulator.count("I", "L", 10);
    const change = (quantity: string) =>
      fetch(`${origin}/v2/inventory/changes/batch-create`, {
        method: "POST",
        headers: { authorization: "Bearer t" },
        body: JSON.stringify({
          idempotency_key: "key-1",
          changes: [
            {
              type: "ADJUSTMENT",
              adjustment: {
                ...{ catalog_object_id: "I", location_id: "L", from_state: "IN_STOCK", to_state: "SOLD", quantity },
                occurred_at: new Date(Date.now() - 1_000).toISOString(),
              },
            },
          ],
        }),
      });
    const first = await change("4");
    expect([first.status, simulator.model.level("I", "L")]).toEqual([200, 6]);
    const another = await change("5");
    expect([another.status, await another.json(), simulator.model.level("I", "L")]).toMatchObject([
      400,
      { errors: [{ code: "IDEMPOTENCY_KEY_REUSED" }] },
      6,
    ]);
    await simulator.drained();
    expect(got).toHaveLength(2);
    for (const { text, headers } of got) {
      const raw = new TextEncoder().encode(text);
      expect(await square.verify({ raw, headers }, { notification_url: url, signature_key: "k" })).toBeNull();
    }
  } finally {
    await simulator.stop();
    ear.close();
  }
});
