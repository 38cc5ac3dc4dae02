/** A call that asks Shopify: while the shop has no points left, it is asked again when the API says so. */
import { setTimeout as sleep } from "node:timers/promises";
import { ApiProblem, type OnhandClient } from "./client.ts";

const WAITS_MAX = 60; // some minutes

/** @param onWait  told before each wait why it waits; what it throws ends the waiting */
export async function callPatiently<Answer>(
  client: OnhandClient,
  path: string,
  body: unknown,
  onWait: (reason: string) => void = () => {},
): Promise<Answer> {
  for (let waits = 0; ; waits += 1) {
    try {
      return await client.call<Answer>("POST", path, body);
    } catch (error) {
      if (!(error instanceof ApiProblem) || error.status !== 503 || waits >= WAITS_MAX) throw error;
      onWait(error.message);
      await sleep((error.retryAfterSeconds ?? 2) * 1_000);
    }
  }
}
