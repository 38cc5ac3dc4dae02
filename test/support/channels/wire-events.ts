/** Events as a sender's engineer writes them: docs/channels.md shows the same. One of each type. */
export const WIRE_EVENTS = [
  {
    type: "order.created",
    data: {
      ...{ orderId: "A-1001", locationId: "main" },
      lines: [
        { line: "1", sku: "TEE-S", quantity: 2 },
        { line: "2", itemId: "B07-1", quantity: 1, fulfilled: true },
      ],
    },
  },
  {
    type: "order.cancelled",
    data: { orderId: "A-1001", cancellationId: "1", lines: [{ line: "1", sku: "TEE-S", quantity: 1, ordered: 2 }] },
  },
  {
    type: "order.returned",
    data: {
      ...{ orderId: "A-1001", returnId: "R-7", locationId: "main" },
      lines: [{ line: "1", sku: "TEE-S", quantity: 1, ordered: 2, restock: false }],
    },
  },
  {
    type: "shipment.confirmed",
    data: {
      ...{ shipmentId: "S-9", orderId: "A-1001", orderChannel: "marketplace-eu", locationId: "main" },
      lines: [{ line: "1", sku: "TEE-S", quantity: 1, ordered: 2 }],
    },
  },
  {
    type: "stock.received",
    data: { receiptId: "PO-55", locationId: "main", lines: [{ line: "1", sku: "TEE-S", quantity: 40 }] },
  },
  {
    type: "stock.adjusted",
    data: {
      adjustmentId: "ADJ-3",
      locationId: "main",
      lines: [{ line: "1", sku: "TEE-S", delta: -2, reason: "lost" }],
    },
  },
  {
    type: "stock.counted",
    data: {
      ...{ countId: "CC-12", locationId: "main", countedAt: "2026-11-27T18:30:00Z" },
      lines: [{ line: "1", sku: "TEE-S", counted: 37 }],
    },
  },
  {
    type: "stock.transferred",
    data: {
      ...{ transferId: "T-4", fromLocationId: "main", toLocationId: "store-9" },
      lines: [{ line: "1", sku: "TEE-S", quantity: 5 }],
    },
  },
  {
    type: "stock.damaged",
    data: { damageId: "D-2", locationId: "main", lines: [{ line: "1", sku: "TEE-S", quantity: 1, reason: "water" }] },
  },
  {
    type: "reservation.created",
    data: { reservationId: "cart-1", ttlSeconds: 900, lines: [{ line: "1", sku: "TEE-S", quantity: 1 }] },
  },
  { type: "reservation.extended", data: { reservationId: "cart-1", ttlSeconds: 900 } },
  { type: "reservation.committed", data: { reservationId: "cart-1", orderId: "A-1002" } },
  { type: "reservation.released", data: { reservationId: "cart-2" } },
] as const;
