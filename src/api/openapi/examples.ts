/** Values that several examples share. Each is held to its schema by a test. */

const states = { reserved: 0, committed: 0, damaged: 0, safetyStock: 0 };

export const LEVELS = {
  sku: "TEE-M",
  version: 7,
  available: 12,
  floor: 12,
  ...states,
  onHand: 12,
  locations: [
    {
      locationId: "61",
      available: 12,
      floor: 12,
      ...states,
      onHand: 12,
      ledger: 12,
      doubt: 0,
      anticipated: 0,
    },
  ],
  source: "counter",
  asOf: "2026-11-28T09:00:00.000Z",
};

export const MOVEMENT = {
  seq: 41,
  key: "api/till-7/2026-11-28/0001",
  kind: "sale",
  locationId: "61",
  delta: -1,
  committed: 1,
  before: 13,
  after: 12,
  states: { committed: { before: 0, after: 1 } },
  channel: "till-front",
  reason: "sale",
  reference: "receipt-1001",
  source: "api",
  actor: "admin/till-7",
  correlationId: "order-1001-attempt-1",
  occurredAt: "2026-11-28T08:59:59.000Z",
  recordedAt: "2026-11-28T09:00:00.000Z",
};

export const RESERVATION = {
  id: "rsv_0123456789abcdef0123456789abcdef",
  status: "open",
  settled: true,
  client: "admin/checkout",
  channel: "web",
  reason: "reservation",
  reference: "cart-77",
  correlationId: "cart-77-checkout",
  createdAt: "2026-11-28T09:00:00.000Z",
  expiresAt: "2026-11-28T09:15:00.000Z",
  endedAt: null,
  lines: [{ sku: "TEE-M", quantity: 2, locationId: null }],
  holds: [{ sku: "TEE-M", locationId: "61", quantity: 2 }],
};

export const ALLOCATION = { by: "priority", locations: [], split: false };
export const RULES = {
  buffer: { kind: "fixed", units: 2 },
  zeroBelow: 0,
  cap: null,
  excludedLocations: [],
  isStopped: false,
  allocation: null,
};
export const POLICY = {
  strategy: "atomic",
  allocation: ALLOCATION,
  channels: { "till-front": RULES },
  holdsPerClientMax: 100,
  heldShareMax: 100,
};

const LETTER_TIME = "2026-11-28T09:00:00.000Z";
export const LETTER = {
  id: "dl_3f9c2a7b51d04e6f",
  status: "waiting",
  version: 1,
  origin: "queue/onhand-events",
  queue: "onhand-events",
  topic: "orders/create",
  shop: "shop-a.myshopify.com",
  channel: "shop-a.myshopify.com",
  correlationId: "6f2c1d0e-order",
  eventId: "6f2c1d0e-4d5b-4c59-9b0a-0d6c8f5d2f11",
  subject: "variant 123",
  code: "unknown_variant",
  error: "No item of the catalogue has variant 123.",
  errors: [
    { code: "unknown_variant", message: "No item of the catalogue has variant 123.", at: LETTER_TIME, attempt: 1 },
  ],
  attempts: 1,
  deaths: 1,
  replays: 0,
  truncated: false,
  received: null,
  edited: false,
  occurredAt: LETTER_TIME,
  createdAt: LETTER_TIME,
  diedAt: LETTER_TIME,
  updatedAt: LETTER_TIME,
  replayedAt: null,
  outlinedAt: null,
  replayDueAt: null,
  trail: [{ what: "died", at: LETTER_TIME, actor: null, detail: "unknown_variant" }],
};

export const JOB = {
  id: "dlj_5d2f11a0",
  name: "variants of Friday",
  action: "replay",
  trigger: "operator",
  filter: { code: "unknown_variant" },
  reason: null,
  actor: "admin",
  correlationId: "job-of-friday",
  status: "running",
  total: 3,
  waiting: 2,
  sent: 1,
  replayed: 0,
  diedAgain: 0,
  failed: 0,
  skipped: 0,
  discarded: 0,
  cancelled: 0,
  createdAt: LETTER_TIME,
  updatedAt: LETTER_TIME,
  endedAt: null,
};

export const BUNDLE = {
  sku: "GIFT-SET",
  revision: 3,
  components: [
    { sku: "TEE-M", quantity: 1, kind: "stocked" },
    { sku: "MUG", quantity: 2, kind: "stocked" },
  ],
  updatedAt: "2026-11-28T09:00:00.000Z",
  updatedBy: "admin",
};

export const BREAKER = {
  destination: "shopify/shop-a.myshopify.com",
  state: "closed",
  since: null,
  openedAt: null,
  reason: null,
  by: null,
  calls: 12,
  failures: 0,
  failuresInRow: 0,
  nextProbe: null,
};

export const GATE = {
  settings: { readOnly: false, stopped: false, deltaMax: 1_000_000_000 },
  bucket: { available: 1_990, maximum: 2_000, restorePerSecond: 100 },
  calls: { mutations: 4, reads: 2, other: 1, rateLimited: 0 },
  rowsSent: 9,
  levelsRead: 4,
  queued: 0,
  sending: 0,
  frozen: 0,
  expired: 0,
  unreported: 0,
  readsWaiting: 0,
  alerts: { conflicts: 0, mismatches: 0, expiredCalls: 0 },
  pausedReason: null,
  pausedUntilMs: null,
};

export const RUN = {
  id: "rec_7f3a2c1e",
  shop: "shop-a.myshopify.com",
  scope: { skus: "changed" },
  dryRun: false,
  trigger: "demand",
  actor: "admin",
  correlationId: "friday-look",
  status: "queued",
  phase: "subscriptions",
  counts: {
    ...{ listings: 0, levels: 0, suspects: 0, mismatches: 0, healed: 0, reads: 0, unmapped: 0 },
    ...{ ordersRead: 0, ordersSent: 0, subscriptions: 0, subscriptionsMended: 0 },
  },
  mismatchRate: null,
  notes: [],
  createdAt: "2026-11-28T09:00:00.000Z",
  startedAt: null,
  endedAt: null,
};

export const FINDING = {
  id: "fnd_01",
  cause: "missed_webhook",
  remedy: "read",
  sku: "TEE-M",
  listingId: "shop-a.myshopify.com/43729076",
  shopLocationId: "61",
  expected: 12,
  found: 11,
  difference: -1,
  changedInShopify: -1,
  foundAt: "2026-11-28T09:00:00.000Z",
  detail: null,
  healed: true,
  healedAt: "2026-11-28T09:00:02.000Z",
  overwritten: null,
  createdAt: "2026-11-28T09:00:00.000Z",
};

export const OVERSELL = {
  id: "os_0123456789abcdef01234567",
  sku: "TEE-M",
  status: "open",
  units: 1,
  peak: 2,
  since: "2026-11-28T09:00:00.000Z",
  updatedAt: "2026-11-28T09:00:03.000Z",
  resolvedAt: null,
  shortSales: [
    {
      kind: "order",
      id: "line-1",
      reference: "5512345678901",
      channel: "shop-a.myshopify.com",
      units: 1,
      short: 1,
      soldAt: "2026-11-28T08:59:59.000Z",
    },
  ],
  unexplained: 0,
  correlationId: "order-1001-attempt-1",
};

export const SUBSCRIPTION = {
  id: "gid://shopify/WebhookSubscription/1",
  topic: "ORDERS_CREATE",
  uri: "https://onhand.example/webhooks/shopify",
  includeFields: ["id", "line_items.id"],
  format: "JSON",
  filter: null,
};

export const CHANNEL = {
  id: "wms-main",
  type: "wms",
  adapter: "onhand",
  name: "The warehouse",
  direction: "both",
  state: "active",
  stateReason: null,
  stateBy: null,
  stateSince: "2026-11-28T09:00:00.000Z",
  readOnly: false,
  endpoint: "https://wms.example.com/onhand",
  locations: { north: "61" },
  listings: "by_sku",
  eventTypes: null,
  outbound: { levels: true, orders: ["*"], reorders: false, batchMax: 100, callsPerSecond: 5 },
  countApproval: { units: 10, percent: 10 },
  revision: 1,
  createdAt: "2026-11-28T09:00:00.000Z",
  updatedAt: "2026-11-28T09:00:00.000Z",
};
