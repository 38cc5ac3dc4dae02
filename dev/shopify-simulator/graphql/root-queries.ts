/** The fields of QueryRoot. Each finds its records and hands them to a view. */
import { gid } from "../model/ids.ts";
import { type FieldReader, matchesSearch, parseSearch } from "../model/search-syntax.ts";
import type { InventoryItem, Location, Order, Product, Variant } from "../model/shop-model.ts";
import { accessScopesView, type RootResolvers } from "./access-scopes.ts";
import type { CallContext, View } from "./call-context.ts";
import { connection, type PageArgs } from "./connection.ts";
import { findNode, findTyped } from "./node-lookup.ts";
import { itemReader, locationReader, orderReader, productReader, variantReader } from "./search-readers.ts";
import { appView, exactCount, itemView, locationView, productView, variantView } from "./views/inventory-views.ts";
import { orderView } from "./views/order-views.ts";
import {
  apiVersionView,
  bulkOperationView,
  inventoryPropertiesView,
  shopView,
  subscriptionView,
} from "./views/system-views.ts";

type SearchArgs = PageArgs & { readonly query?: string | null; readonly sortKey?: string | null };
type IdArgs = { readonly id: string };

/** Everything needed to list one kind of record. Sort keys that are missing here mean order of creation. */
type Listing<T> = {
  readonly rows: (context: CallContext) => readonly T[];
  readonly reader: (record: T) => FieldReader;
  readonly view: (context: CallContext, record: T) => View;
  readonly sortKeys: Readonly<Record<string, (record: T) => number | string>>;
};

function found<T>(listing: Listing<T>, context: CallContext, query: string | null | undefined): readonly T[] {
  const node = parseSearch(query ?? "");
  const rows = listing.rows(context);
  return node === null ? rows : rows.filter((record) => matchesSearch(node, listing.reader(record)));
}

function list<T extends { readonly seq: number }>(listing: Listing<T>) {
  return (args: SearchArgs, context: CallContext): View =>
    connection(context, found(listing, context, args.query), args, {
      view: (record) => listing.view(context, record),
      sortBy: listing.sortKeys[args.sortKey ?? ""],
      isRoot: true,
    });
}

function count<T>(listing: Listing<T>) {
  return (args: SearchArgs, context: CallContext): View => exactCount(found(listing, context, args.query).length);
}

const second = (atMs: number): number => Math.floor(atMs / 1000);

const locations: Listing<Location> = {
  rows: (context) => context.store.locations,
  reader: locationReader,
  view: locationView,
  sortKeys: { NAME: (location) => location.name },
};

const items: Listing<InventoryItem> = {
  rows: (context) => context.store.items,
  reader: itemReader,
  view: itemView,
  sortKeys: {},
};

const variants: Listing<Variant> = {
  rows: (context) => context.store.variants,
  reader: variantReader,
  view: variantView,
  sortKeys: { SKU: (variant) => variant.item.sku ?? "", TITLE: (variant) => variant.title },
};

const products: Listing<Product> = {
  rows: (context) => context.store.products,
  reader: productReader,
  view: productView,
  sortKeys: { TITLE: (product) => product.title, UPDATED_AT: (product) => second(product.updatedAtMs) },
};

const orders: Listing<Order> = {
  rows: (context) => context.store.orders,
  reader: orderReader,
  view: orderView,
  sortKeys: {
    UPDATED_AT: (order) => second(order.updatedAtMs),
    CREATED_AT: (order) => second(order.createdAtMs),
    PROCESSED_AT: (order) => second(order.createdAtMs),
  },
};

export const queryResolvers: RootResolvers = {
  shop: (_args, context) => shopView(context),
  location: (args: { id?: string | null }, context) => {
    const [first] = context.store.locations;
    if (args.id === undefined || args.id === null) return first === undefined ? null : locationView(context, first);
    return findTyped(context, "Location", args.id);
  },
  locations: (args: SearchArgs & { includeInactive?: boolean | null }, context) => {
    const rows = context.store.locations.filter((location) => location.isActive || args.includeInactive);
    return list({ ...locations, rows: () => rows })(args, context);
  },
  locationsCount: count(locations),
  inventoryItem: (args: IdArgs, context) => findTyped(context, "InventoryItem", args.id),
  inventoryItems: list(items),
  inventoryLevel: (args: IdArgs, context) => findTyped(context, "InventoryLevel", args.id),
  inventoryProperties: () => inventoryPropertiesView(),
  product: (args: IdArgs, context) => findTyped(context, "Product", args.id),
  products: list(products),
  productsCount: count(products),
  productVariant: (args: IdArgs, context) => findTyped(context, "ProductVariant", args.id),
  productVariants: list(variants),
  productVariantsCount: count(variants),
  order: (args: IdArgs, context) => findTyped(context, "Order", args.id),
  orders: list(orders),
  ordersCount: count(orders),
  node: (args: IdArgs, context) => findNode(context, args.id),
  nodes: (args: { ids: readonly string[] }, context) => args.ids.map((id) => findNode(context, id)),
  publicApiVersions: (_args, context) => [apiVersionView(context.facts.apiVersion)],
  appInstallation: (_args, context) => installationView(context),
  currentAppInstallation: (_args, context) => installationView(context),
  webhookSubscription: (args: IdArgs, context) => findTyped(context, "WebhookSubscription", args.id),
  webhookSubscriptions: (args: SubscriptionListArgs, context) => {
    const rows = context.registry.all().filter((each) => isWanted(each, args));
    return connection(context, rows, args, { view: (each) => subscriptionView(context, each) });
  },
  webhookSubscriptionsCount: (_args, context) => exactCount(context.registry.all().length),
  bulkOperation: (args: IdArgs, context) => findTyped(context, "BulkOperation", args.id),
  bulkOperations: (args: PageArgs, context) =>
    connection(context, context.bulk.all(), args, { view: bulkOperationView }),
  currentBulkOperation: (_args, context) => {
    const last = context.bulk.all().at(-1);
    return last === undefined ? null : bulkOperationView(last);
  },
};

type SubscriptionListArgs = PageArgs & {
  readonly topics?: readonly string[] | null;
  readonly uri?: string | null;
  readonly callbackUrl?: string | null;
};

function isWanted(subscription: { readonly topic: string; readonly uri: string }, args: SubscriptionListArgs): boolean {
  const uri = args.uri ?? args.callbackUrl ?? null;
  const isTopic = args.topics === undefined || args.topics === null || args.topics.includes(subscription.topic);
  return isTopic && (uri === null || uri === subscription.uri);
}

function installationView(context: CallContext): View {
  return {
    __typename: "AppInstallation",
    id: gid("AppInstallation", "730144128377"),
    accessScopes: accessScopesView(context.facts.scopes),
    app: appView(context),
    launchUrl: `https://${context.facts.domain}/admin/apps/onhand`,
  };
}
