/** Headers of requests and answers, each described once and referred to. */

type Described = {
  readonly name: string;
  readonly description: string;
  readonly schema: Readonly<Record<string, unknown>>;
  readonly example: string | number;
  readonly required?: true;
};

const text = (pattern?: string) => ({ type: "string", ...(pattern === undefined ? {} : { pattern }) });

export const REQUEST_HEADERS = {
  correlationId: {
    name: "X-Correlation-Id",
    description:
      "Follows the cause through queue, movements, pushes, logs and dead letters. One that is not plain is replaced; without it, one is made.",
    schema: text("^[A-Za-z0-9_.:=-]{8,128}$"),
    example: "order-1001-attempt-1",
  },
  clientId: {
    name: "X-Client-Id",
    description:
      "Which of the callers that share a token this is: the actor of its movements, the holder of its leases.",
    schema: text("^[A-Za-z0-9._-]{1,64}$"),
    example: "till-7",
  },
  idempotencyKey: {
    name: "Idempotency-Key",
    description: "A repeat with the same key counts once, and is answered 200 with `Idempotent-Replayed: true`.",
    schema: text("^[\\x21-\\x7e]{1,255}$"),
    example: "till-7/2026-11-28/0001",
    required: true,
  },
  optionalKey: {
    name: "Idempotency-Key",
    description:
      "A repeat with the same key finds what the first call made, and is answered 200 with `Idempotent-Replayed: true`.",
    schema: text("^[\\x21-\\x7e]{1,255}$"),
    example: "setup/ops-webhook",
  },
  leaseKey: {
    name: "Idempotency-Key",
    description: "Becomes the lease's id, so it must be hard to guess: a UUID. A repeat finds the lease that it has.",
    schema: text("^[A-Za-z0-9-]{16,64}$"),
    example: "3f0c9a52-6a57-4b5e-9a43-1f0f5a0f2f6b",
  },
  ifMatch: {
    name: "If-Match",
    description: 'Only on this version: the ETag that was read. A weak one is taken, W/"7", or `*`.',
    schema: text('^\\s*(\\*|(W/)?"\\d{1,15}")\\s*$'),
    example: 'W/"7"',
  },
  ifNoneMatch: {
    name: "If-None-Match",
    description: "304 while this is still the ETag.",
    schema: text(),
    example: 'W/"7"',
  },
  leaseId: {
    name: "Lease-Id",
    description: "The write is made under this lease. Goes with `Fencing-Token`.",
    schema: text("^[A-Za-z0-9-]{1,64}$"),
    example: "3f0c9a52-6a57-4b5e-9a43-1f0f5a0f2f6b",
  },
  fencingToken: {
    name: "Fencing-Token",
    description: "The lease's second name, as it was given.",
    schema: text("^\\d{1,15}$"),
    example: "4",
  },
  lockTicket: {
    name: "Lock-Ticket",
    description: "The `ticket` of a 423: keeps the place in the queue for somebody else's lease.",
    schema: text(),
    example: "8f14e45f",
  },
  webhookId: {
    name: "webhook-id",
    description: "The same for every try of one message: a receiver knows by it what it has had.",
    schema: text("^.{1,255}$"),
    example: "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W",
    required: true,
  },
  webhookTimestamp: {
    name: "webhook-timestamp",
    description: "Seconds since the epoch. What is five minutes older or newer is refused.",
    schema: text("^\\d{1,12}$"),
    example: "1764320400",
    required: true,
  },
  webhookSignature: {
    name: "webhook-signature",
    description:
      "`v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`, under the secret (`whsec_` and its base64); several are parted by a space.",
    schema: text(),
    example: "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=",
    required: true,
  },
  squareSignature: {
    name: "x-square-hmacsha256-signature",
    description: "Of Square: base64 of HMAC-SHA256 over the notification's URL and the body.",
    schema: text(),
    example: "hRMTSf4NkkZ5jQh3bmNQNvnFxRmlDVvlCHnX7HfNFlM=",
  },
  shipheroSignature: {
    name: "x-shiphero-hmac-sha256",
    description: "Of ShipHero: base64 of HMAC-SHA256 over the body.",
    schema: text(),
    example: "hRMTSf4NkkZ5jQh3bmNQNvnFxRmlDVvlCHnX7HfNFlM=",
  },
  amazonSecret: {
    name: "x-onhand-secret",
    description: "Of Amazon's API destination: the secret that it was given.",
    schema: text(),
    example: "the secret of the connection",
  },
  shopifyTopic: {
    name: "X-Shopify-Topic",
    description: "What the webhook is about.",
    schema: text(),
    example: "orders/create",
    required: true,
  },
  shopifyShop: {
    name: "X-Shopify-Shop-Domain",
    description: "The shop; its secret signs.",
    schema: text(),
    example: "shop-a.myshopify.com",
    required: true,
  },
  shopifyHmac: {
    name: "X-Shopify-Hmac-Sha256",
    description: "Base64 of HMAC-SHA256 over the raw body, under the app's secret or the one before.",
    schema: text(),
    example: "GVNHB8K+Zp0sTQnYyDCYuUkQ8wGKd2nsNb4bMNQEo3c=",
    required: true,
  },
  shopifyWebhookId: {
    name: "X-Shopify-Webhook-Id",
    description: "The delivery.",
    schema: text(),
    example: "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043",
    required: true,
  },
  shopifyEventId: {
    name: "X-Shopify-Event-Id",
    description: "The event: the same for each delivery of it.",
    schema: text(),
    example: "98880550-7158-44d4-b7cd-2c97c8a091b5",
  },
} as const satisfies Readonly<Record<string, Described>>;

export type RequestHeader = keyof typeof REQUEST_HEADERS;

/** Of every write of one SKU, beside its key. */
export const GUARDS = ["ifMatch", "leaseId", "fencingToken", "lockTicket"] as const satisfies readonly RequestHeader[];

/** Of a signed message, ours and those of channels. @see https://www.standardwebhooks.com */
export const SIGNATURE = [
  ...(["webhookId", "webhookTimestamp", "webhookSignature"] as const),
] satisfies readonly RequestHeader[];

export const ANSWER_HEADERS = {
  correlationId: {
    name: "X-Correlation-Id",
    description: "The caller's if it was plain, else a new one.",
    schema: text(),
    example: "order-1001-attempt-1",
  },
  etag: {
    name: "ETag",
    description: "The version, for `If-Match` and `If-None-Match`.",
    schema: text(),
    example: 'W/"7"',
  },
  replayed: {
    name: "Idempotent-Replayed",
    description: "`true`: this key was used before, for the same; nothing was counted again.",
    schema: { type: "string", const: "true" },
    example: "true",
  },
  location: {
    name: "Location",
    description: "Where what was made can be read.",
    schema: text(),
    example: "/v1/reservations/rsv_0123456789abcdef0123456789abcdef",
  },
  link: {
    name: "Link",
    description: 'The next page, with `rel="next"`; left out on the last one.',
    schema: text(),
    example: '</v1/inventory/export?after=TEE-M>; rel="next"',
  },
  retryAfter: {
    name: "Retry-After",
    description: "Seconds after which the same request is worth sending again.",
    schema: { type: "integer", minimum: 1 },
    example: 2,
  },
} as const satisfies Readonly<Record<string, Described>>;

export type AnswerHeader = keyof typeof ANSWER_HEADERS;
