/**
 * The document of this API, for programs and for people. Both are the same for everybody, so an isolate makes each once,
 * and evaluates what they are made of only when somebody asks: nothing of it costs a start.
 */
import { type Context, Hono } from "hono";
import type { AppEnv } from "./app-env.ts";
import { isKnownAlready } from "./if-none-match.ts";

type Made = { readonly text: string; readonly etag: string; readonly policy: string };

/** What is kept is made, never a promise: that would belong to the request that began it. */
let json: Made | undefined;
let page: Made | undefined;

const versionOf = (env: Env): string => env.VERSION?.id ?? "local";

const sha256 = (text: string): Promise<ArrayBuffer> => crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
const base64 = (bytes: ArrayBuffer): string => btoa(String.fromCharCode(...new Uint8Array(bytes)));

const madeOf = async (text: string, policy: readonly string[]): Promise<Made> => ({
  text,
  etag: `"${base64(await sha256(text)).slice(0, 32)}"`,
  policy: ["default-src 'none'", ...policy, "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"].join(
    "; ",
  ),
});

async function makeJson(version: string): Promise<Made> {
  const { openApiDocument } = await import("./openapi/document.ts");
  return madeOf(JSON.stringify(openApiDocument(version)), []);
}

/** One inline style, by its hash, and nothing else: no script, no font, no request to anybody. */
async function makePage(version: string): Promise<Made> {
  const [{ openApiDocument }, { docsPage }, { STYLE }] = await Promise.all([
    import("./openapi/document.ts"),
    import("./docs-page/page.ts"),
    import("./docs-page/style.ts"),
  ]);
  const document = JSON.parse(JSON.stringify(openApiDocument(version)));
  return madeOf(docsPage(document), [`style-src 'sha256-${base64(await sha256(STYLE))}'`]);
}

const SECURE = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
};

function answer(c: Context<AppEnv>, { text, etag, policy }: Made, contentType: string): Response {
  const headers = { etag, "cache-control": "no-cache", "content-security-policy": policy, ...SECURE };
  if (isKnownAlready(c.req.header("if-none-match"), etag)) return c.body(null, 304, headers);
  return c.body(text, 200, { ...headers, "content-type": contentType });
}

export const openApiRoutes = new Hono<AppEnv>()
  .get("/openapi.json", async (c) => {
    json ??= await makeJson(versionOf(c.env));
    return answer(c, json, "application/json");
  })
  .get("/docs", async (c) => {
    page ??= await makePage(versionOf(c.env));
    return answer(c, page, "text/html; charset=utf-8");
  });
