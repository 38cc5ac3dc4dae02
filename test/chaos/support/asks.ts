/** Onhand's API as a client hears it, refusals too, and what it moves for the accounts of a test. */
import type { Stack } from "../../../dev/stack/stack.ts";
import type { Calm } from "./calm.ts";

export type Reply<Body = Readonly<Record<string, unknown>>> = {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
};

export async function ask<Body = Readonly<Record<string, unknown>>>(
  { client, file }: Stack,
  method: string,
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Reply<Body>> {
  const response = await fetch(`${client.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${file.adminToken}`, "content-type": "application/json", ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, headers: response.headers, body: (await response.json()) as Body };
}

export const pathOf = (sku: string, rest = ""): string => `/v1/inventory/${encodeURIComponent(sku)}${rest}`;

let keys = 0;
export const newKey = (): string => `asked-${process.pid}-${++keys}`;

/** A movement that counts for sure: a receipt, or a sale that has happened. */
export async function book(
  calm: Calm,
  sku: string,
  movement: { readonly kind: "receipt" | "sale"; readonly quantity: number; readonly locationId: string },
): Promise<void> {
  const { kind, quantity, locationId } = movement;
  const happened = kind === "sale" ? { happened: true, reference: `order of ${sku}` } : {};
  const key = { "idempotency-key": newKey() };
  const { status, body } = await ask(calm.stack, "POST", pathOf(sku, "/movements"), { ...movement, ...happened }, key);
  if (status !== 201) throw new Error(`${kind}: ${status} ${JSON.stringify(body)}`);
  calm.noteTaken(sku, locationId, kind === "sale" ? quantity : -quantity);
}
