/** Settings of the Worker under test. Windows are short, so that what waits for one can be seen to happen. */
export const TEST_ENV = {
  ENVIRONMENT: "development",
  SHOPIFY_SHOPS: "test-shop.myshopify.com,second-shop.myshopify.com",
  ADMIN_TOKEN: "test-admin-token-0123456789",
  SHOPIFY_CLIENT_ID: "test-client-id",
  SHOPIFY_CLIENT_SECRET: "test-client-secret",
  SHOPIFY_CLIENT_SECRET_PREVIOUS: "test-client-secret-before",
  CHANNEL_KEY: "dGVzdC1rZXktb2YtY2hhbm5lbHMtMzItYnl0ZXMhISE=",
  /** Nobody listens there: nothing leaves the machine, and a test that wants an answer from Shopify scripts `fetch`. */
  SHOPIFY_ORIGIN: "http://127.0.0.1:9",
} as const;
