/** A till of Square over `fetch`: the simulator's own model, a channel that is connected to it, and a courier that a test plays. */
import { exports } from "cloudflare:workers";
import { expect, vi } from "vitest";
import { SquareModel } from "../../../dev/square-simulator/square-model.ts";
import { call } from "./api.ts";
import { list } from "./catalogue.ts";
import { HERE } from "./counters.ts";
import { sign } from "./webhooks.ts";

export const PLACE = "PLACE1";
const TOKEN = "token-of-the-till-0123";
const KEY = "signature-key-of-the-till";
const SQUARE = "https://connect.squareup.com";
const HOUR_MS = 3_600_000;

export class SquareTill {
  readonly id: string;
  readonly model: SquareModel;
  /** Requests of the Worker, whomever they went to. */
  readonly asked: { readonly url: string; readonly authorization: string | null }[] = [];
  /** Answers instead of what is asked for. */
  refusal: number | null = null;
  /** What happens now is stamped so long ago: its webhook is overdue. */
  #ageMs = 0;
  #taken = 0;

  constructor(id: string) {
    this.id = id;
    this.model = new SquareModel(() => Date.now() - this.#ageMs, TOKEN);
  }

  listen(): this {
    vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
      const request = new Request(input instanceof Request ? input : String(input), init as RequestInit);
      const { origin, pathname } = new URL(request.url);
      const authorization = request.headers.get("authorization");
      this.asked.push({ url: request.url, authorization });
      if (origin !== SQUARE) throw new Error(`nobody is at ${origin}`);
      if (this.refusal !== null) return new Response("{}", { status: this.refusal });
      const { status, body } = this.model.handle(pathname, await request.text(), authorization);
      return Response.json(body, { status });
    });
    return this;
  }

  /** The channel, with its credentials; nothing is mapped yet. */
  async put(given: object = {}): Promise<void> {
    // Our locations come with any SKU of the catalogue.
    await list("SQUARE-PLACES", "8000");
    const channel = { type: "pos", adapter: "square", locations: { [PLACE]: HERE }, listings: "mapped", ...given };
    expect((await call("PUT", `/v1/channels/${this.id}`, channel)).status).toBeLessThan(300);
    await this.credential("access_token", TOKEN);
    await this.credential("signature_key", KEY);
    await this.credential("notification_url", this.#url);
  }

  credential(name: string, value: string) {
    return call("PUT", `/v1/channels/${this.id}/credentials/${name}`, { value });
  }

  /** A SKU that Square alone has stock of, so much, counted an hour ago, is connected: its count is our stock. */
  async stock(sku: string, number: string, units: number) {
    const stocked = await list(sku, number);
    this.ago(HOUR_MS, () => this.model.count(itemOf(sku), PLACE, units));
    this.take();
    const listings = [{ itemId: itemOf(sku), sku }];
    expect((await call("PUT", `/v1/channels/${this.id}/listings`, { listings })).body).toMatchObject({ mapped: 1 });
    const connected = await call("POST", `/v1/channels/${this.id}/connect`, { mode: "adopt" });
    expect([connected.status, connected.body]).toMatchObject([200, { nextCursor: null }]);
    return stocked;
  }

  ago(ms: number, action: () => void): void {
    this.#ageMs = ms;
    action();
    this.#ageMs = 0;
  }

  level(sku: string): number {
    return this.model.level(itemOf(sku), PLACE);
  }

  sell(sku: string, units: number): void {
    this.model.sell(itemOf(sku), PLACE, units);
  }

  /** Webhooks since the last time, the oldest first: whoever takes them delivers them, or they are lost. */
  take(): readonly string[] {
    const news = this.model.webhooks.slice(this.#taken);
    this.#taken = this.model.webhooks.length;
    return news;
  }

  async deliver(body: string, key = KEY): Promise<number> {
    const response = await exports.default.fetch(this.#url, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "x-square-hmacsha256-signature": await sign(`${this.#url}${body}`, key),
      },
      body,
    });
    await response.arrayBuffer();
    return response.status;
  }

  /** Units that were pushed to it, each once. */
  pushed(sku: string): number {
    return this.model.applied.reduce((sum, { item, delta }) => (item === itemOf(sku) ? sum + delta : sum), 0);
  }

  get #url(): string {
    return `https://onhand.test/webhooks/channels/${this.id}`;
  }
}

export const itemOf = (sku: string): string => `ITEM-OF-${sku}`;
