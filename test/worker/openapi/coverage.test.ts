/** What the Worker answers to and what the document describes are the same. */
import { describe, expect, it } from "vitest";
import { GROUPS } from "../../../src/api/openapi/groups.ts";
import { app } from "../../../src/app.ts";
import { call } from "../support/api.ts";

/** `*` stands for middleware; receivers of webhooks take every method, to refuse all but POST. */
const mounted = app.routes
  .filter(({ path, method }) => !path.endsWith("*") && (method !== "ALL" || path.startsWith("/webhooks/")))
  .map(
    ({ method, path }) => `${method === "ALL" ? "post" : method.toLowerCase()} ${path.replaceAll(/:(\w+)/g, "{$1}")}`,
  );
const described = GROUPS.flatMap(({ operations }) => operations.map(({ method, path }) => `${method} ${path}`));

describe("the document and the Worker", () => {
  it("every route is described", () => {
    expect([...new Set(mounted)].filter((route) => !described.includes(route))).toEqual([]);
  });

  it("every operation is mounted", () => {
    expect(described.filter((route) => !mounted.includes(route))).toEqual([]);
  });
});

describe("GET /openapi.json", () => {
  it("needs no token, is the same each time, and is not sent again to whoever has it", async () => {
    const first = await call("GET", "/openapi.json", undefined, { authorization: "" });
    expect([first.status, first.headers.get("content-type"), first.body["openapi"]]).toEqual([
      200,
      "application/json",
      "3.1.0",
    ]);
    const etag = first.headers.get("etag") ?? "";
    const again = await call("GET", "/openapi.json", undefined, { "if-none-match": `"other", W/${etag}` });
    expect([again.status, again.headers.get("etag")]).toEqual([304, etag]);
  });

  it("holds no setting and no secret of the deployment", async () => {
    const { body } = await call("GET", "/openapi.json");
    expect(JSON.stringify(body)).not.toMatch(/test-client|test-admin-token|test-shop/);
  });
});

describe("GET /docs", () => {
  const page = async () => {
    const { exports } = await import("cloudflare:workers");
    return exports.default.fetch("https://onhand.test/docs");
  };

  it("is a page that may run no script, load nothing and be framed by nobody", async () => {
    const response = await page();
    const text = await response.text();
    expect([response.status, response.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
    expect(response.headers.get("content-security-policy")).toMatch(
      /^default-src 'none'; style-src 'sha256-[^']+'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/,
    );
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    expect(text).not.toMatch(/<script|\sstyle=|\ssrc=|https?:\/\/(?!onhand\.example)[^\s<"']*["']/);
  });

  it("allows its own style by the hash of exactly what stands in the page", async () => {
    const response = await page();
    const style = /<style>([^<]*)<\/style>/.exec(await response.text())?.[1] ?? "";
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(style));
    const hash = btoa(String.fromCharCode(...new Uint8Array(digest)));
    expect(response.headers.get("content-security-policy")).toContain(`'sha256-${hash}'`);
  });

  it("shows every operation under its own anchor, and every link within it leads somewhere", async () => {
    const text = await (await page()).text();
    const anchors = new Set(Array.from(text.matchAll(/\sid="([^"]+)"/g), ([, id]) => id));
    const ids = GROUPS.flatMap(({ operations }) => operations.map(({ id }) => id));
    expect(ids.filter((id) => !anchors.has(id))).toEqual([]);
    const links = Array.from(text.matchAll(/href="#([^"]+)"/g), ([, id = ""]) => id);
    expect([...new Set(links)].filter((id) => !anchors.has(id))).toEqual([]);
  });
});
