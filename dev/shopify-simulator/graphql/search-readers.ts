/** Which fields `query:` may name, per resource. */
import type { FieldReader, FieldValue } from "../model/search-syntax.ts";
import type { InventoryItem, Location, Order, Product, Variant } from "../model/shop-model.ts";
import { financialStatus } from "../payloads/order-body.ts";

type Fields<T> = Readonly<Record<string, (record: T) => FieldValue>>;

function readerOf<T>(fields: Fields<T>): (record: T) => FieldReader {
  return (record) => (field) => fields[field]?.(record);
}

const text = (value: string | null): FieldValue => ({ kind: "text", value });
const time = (atMs: number | null): FieldValue => ({ kind: "time", atMs });
const id = (digits: string): FieldValue => ({ kind: "id", digits });

const itemFields: Fields<InventoryItem> = {
  id: (item) => id(item.id),
  sku: (item) => text(item.sku),
  created_at: (item) => time(item.createdAtMs),
  updated_at: (item) => time(item.updatedAtMs),
};

const variantFields: Fields<Variant> = {
  id: (variant) => id(variant.id),
  sku: (variant) => text(variant.item.sku),
  product_id: (variant) => id(variant.product.id),
  title: (variant) => text(variant.title),
  barcode: (variant) => text(variant.barcode),
  updated_at: (variant) => time(variant.updatedAtMs),
};

const productFields: Fields<Product> = {
  id: (product) => id(product.id),
  title: (product) => text(product.title),
  vendor: (product) => text(product.vendor),
  status: () => text("active"),
  created_at: (product) => time(product.createdAtMs),
  updated_at: (product) => time(product.updatedAtMs),
};

const orderFields: Fields<Order> = {
  id: (order) => id(order.id),
  name: (order) => text(`#${order.number}`),
  created_at: (order) => time(order.createdAtMs),
  processed_at: (order) => time(order.createdAtMs),
  updated_at: (order) => time(order.updatedAtMs),
  cancelled_at: (order) => time(order.cancelledAtMs),
  financial_status: (order) => text(financialStatus(order)),
  source_name: (order) => text(order.sourceName),
  test: (order) => ({ kind: "flag", value: order.test }),
};

const locationFields: Fields<Location> = {
  id: (location) => id(location.id),
  name: (location) => text(location.name),
  active: (location) => ({ kind: "flag", value: location.isActive }),
  updated_at: (location) => time(location.updatedAtMs),
};

export const itemReader = readerOf(itemFields);
export const variantReader = readerOf(variantFields);
export const productReader = readerOf(productFields);
export const orderReader = readerOf(orderFields);
export const locationReader = readerOf(locationFields);
