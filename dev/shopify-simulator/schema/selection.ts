/**
 * Which part of Shopify's Admin schema the simulator serves: what an inventory sync asks for, and nothing it cannot answer.
 * A field that is not listed here does not exist in the simulator: the document is refused as if Shopify had never had it.
 * After a change run `prune.ts` again: the test that compares the checksum goes red until then.
 */

/** Object type → fields kept. Connections, edges, payloads, user errors and everything an argument needs follow by themselves. */
export const KEPT_FIELDS: Readonly<Record<string, readonly string[]>> = {
  QueryRoot: [
    ..."appInstallation currentAppInstallation publicApiVersions shop".split(" "),
    ..."location locations locationsCount inventoryItem inventoryItems inventoryLevel inventoryProperties".split(" "),
    ..."product products productsCount productVariant productVariants productVariantsCount".split(" "),
    ..."order orders ordersCount node nodes".split(" "),
    ..."webhookSubscription webhookSubscriptions webhookSubscriptionsCount".split(" "),
    ..."bulkOperation bulkOperations currentBulkOperation".split(" "),
  ],
  Mutation: [
    ..."inventoryAdjustQuantities inventorySetQuantities inventoryMoveQuantities inventorySetOnHandQuantities".split(
      " ",
    ),
    ..."inventoryActivate inventoryDeactivate".split(" "),
    ..."webhookSubscriptionCreate webhookSubscriptionUpdate webhookSubscriptionDelete".split(" "),
    ..."bulkOperationRunQuery bulkOperationCancel".split(" "),
  ],
  Shop: [
    ..."id name myshopifyDomain email contactEmail currencyCode ianaTimezone timezoneAbbreviation".split(" "),
    ..."timezoneOffset timezoneOffsetMinutes plan createdAt updatedAt url".split(" "),
  ],
  ShopPlan: "displayName partnerDevelopment publicDisplayName shopifyPlus".split(" "),
  Location: [
    ..."id name isActive isPrimary legacyResourceId address fulfillsOnlineOrders shipsInventory".split(" "),
    ..."isFulfillmentService hasActiveInventory hasUnfulfilledOrders deactivatedAt createdAt updatedAt".split(" "),
    ..."inventoryLevel inventoryLevels".split(" "),
  ],
  LocationAddress: "address1 address2 city country countryCode phone province provinceCode zip".split(" "),
  InventoryLevel: "canDeactivate createdAt deactivationAlert id isActive item location quantities updatedAt".split(" "),
  InventoryQuantity: "id name quantity updatedAt".split(" "),
  InventoryItem: [
    ..."createdAt duplicateSkuCount id inventoryHistoryUrl inventoryLevel inventoryLevels legacyResourceId".split(" "),
    ..."locationsCount requiresShipping sku tracked updatedAt variant variants".split(" "),
  ],
  InventoryProperties: ["quantityNames"],
  InventoryQuantityName: "belongsTo comprises displayName isInUse name".split(" "),
  ProductVariant: [
    ..."id title displayName sku barcode price position createdAt updatedAt inventoryItem inventoryPolicy".split(" "),
    ..."inventoryQuantity legacyResourceId product requiresComponents productVariantComponents".split(" "),
    ..."selectedOptions taxable availableForSale sellableOnlineQuantity".split(" "),
  ],
  SelectedOption: "name value".split(" "),
  ProductVariantComponent: "id productVariant quantity".split(" "),
  Product: [
    ..."id title handle status vendor productType tags createdAt updatedAt publishedAt isGiftCard".split(" "),
    ..."hasOnlyDefaultVariant hasVariantsThatRequiresComponents totalInventory tracksInventory".split(" "),
    ..."variants variantsCount legacyResourceId".split(" "),
  ],
  Order: [
    ..."id name number legacyResourceId createdAt updatedAt processedAt cancelledAt cancelReason closed closedAt".split(
      " ",
    ),
    ..."confirmed test sourceName email currencyCode displayFinancialStatus displayFulfillmentStatus".split(" "),
    ..."lineItems refunds retailLocation note tags edited restockable".split(" "),
    ..."subtotalLineItemsQuantity currentSubtotalLineItemsQuantity".split(" "),
  ],
  LineItem: [
    ..."id name title sku quantity currentQuantity unfulfilledQuantity nonFulfillableQuantity".split(" "),
    ..."refundableQuantity restockable requiresShipping isGiftCard variant variantTitle vendor product".split(" "),
  ],
  Refund: "id legacyResourceId createdAt updatedAt processedAt note order refundLineItems".split(" "),
  RefundLineItem: "id lineItem location quantity restockType restocked".split(" "),
  InventoryAdjustmentGroup: "app changes createdAt id reason referenceDocumentUri".split(" "),
  InventoryChange: "delta item ledgerDocumentUri location name quantityAfterChange".split(" "),
  WebhookSubscription: [
    ..."apiVersion callbackUrl createdAt endpoint filter format id includeFields legacyResourceId".split(" "),
    ..."metafieldNamespaces metafields name topic updatedAt uri".split(" "),
  ],
  BulkOperation: [
    ..."completedAt createdAt errorCode fileSize id objectCount partialDataUrl query rootObjectCount".split(" "),
    ..."status type url".split(" "),
  ],
  AppInstallation: "accessScopes app id launchUrl".split(" "),
  App: "apiKey handle id title".split(" "),
};

/** Interfaces kept. Others (HasMetafields, LegacyInteroperability …) are cut from the kept types. */
export const KEPT_INTERFACES: readonly string[] = ["Node", "DisplayableError"];

/** Directives kept beside the ones every GraphQL server has. */
export const KEPT_DIRECTIVES: readonly string[] = ["idempotent"];

/** Object types that are reachable but pruned by name pattern alone: their fields stay whole where the field's type is kept. */
export const WHOLE_TYPE =
  /(Connection|Edge|Payload|UserError|Count|PageInfo|AccessScope|ApiVersion|Endpoint|Identifier)$/;
