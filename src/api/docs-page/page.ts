/** The document for people: one page, rendered here, that needs no script, no network and no other file. */
import type { Described, Document } from "./described.ts";
import { Html, html, inline, prose } from "./html.ts";
import { anchorOf, bodyView, operationView, type Placed, parametersView } from "./operation-view.ts";
import { kindOf, schemaView } from "./schema-view.ts";
import { STYLE } from "./style.ts";

export function docsPage(document: Document): string {
  const { title, summary, description, version } = document.info;
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): Placed => ({ method, path, operation })),
  );
  const groups = document.tags.map((tag) => ({
    ...tag,
    id: idOf(tag.name),
    operations: operations.filter(({ operation }) => operation.tags?.includes(tag.name) === true),
  }));
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} API</title><meta name="robots" content="noindex"><style>${new Html(STYLE)}</style></head>
<body><a class="skip" href="#main">To the text</a><div class="page">
<nav aria-label="Operations"><a class="mark" href="#top">${title} API</a>
${groups.map(
  ({ name, id, operations: its }) => html`<details open><summary>${name}</summary><ul>
<li><a href="#${id}">About</a></li>
${its.map((placed) => linkTo(placed))}</ul></details>`,
)}
<details open><summary>More</summary><ul><li><a href="#webhooks">Webhooks out</a></li><li><a href="#problems">Problems</a></li>
<li><a href="#shapes">Shapes</a></li><li><a href="/openapi.json">openapi.json</a></li></ul></details></nav>
<main id="main"><h1 id="top">${title} API</h1><p class="lead">${summary}</p>
${prose(description)}
${groups.map(
  ({ name, id, description: about, operations: its }) => html`<h2 id="${id}">${name}</h2>${prose(about)}
${its.map((placed) => operationView(placed, document))}`,
)}
${webhooksView(document)}
${shapesView(document)}
<footer>Version ${version}. For programs: <a href="/openapi.json">openapi.json</a> (OpenAPI 3.1).</footer>
</main></div></body></html>`.text;
}

const idOf = (name: string): string => `group-${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-")}`;

const linkTo = (placed: Placed): Html =>
  html`<li><a href="#${anchorOf(placed)}"><span class="method ${placed.method}">${
    placed.method === "delete" ? "DEL" : placed.method.toUpperCase()
  }</span><span>${inline(placed.operation.summary)}</span></a></li>`;

function webhooksView(document: Document): Html {
  const hooks = Object.entries(document.webhooks);
  return html`<h2 id="webhooks">Webhooks out</h2>
<p>What Onhand posts to addresses of yours. Verify the signature over the raw body with any Standard Webhooks library, and drop
a <code>webhook-id</code> that you have had: whatever is not answered with a 2xx is sent again.</p>
${hooks.map(([name, { post }]) => hookView(name, post, document))}`;
}

const hookView = (
  name: string,
  hook: Described,
  document: Document,
): Html => html`<section class="operation" id="webhook-${name}">
<h3><a href="#webhook-${name}">${hook.summary}</a></h3>
<p class="endpoint"><span class="method post">POST</span> to you <code>${name}</code></p>
${hook.description === undefined ? null : prose(hook.description)}
${parametersView(hook, document)}
${hook.requestBody === undefined ? null : bodyView(hook.requestBody.content)}
<h4>Your answers</h4>${Object.entries(hook.responses).map(
  ([status, { description }]) =>
    html`<p class="answer"><span class="status">${status}</span> ${inline(description)}</p>`,
)}</section>`;

function shapesView({ components }: Document): Html {
  const shapes = Object.entries(components.schemas);
  const problems = shapes.filter(([name]) => name.endsWith("Problem"));
  const others = shapes.filter(([name]) => !name.endsWith("Problem"));
  return html`<h2 id="problems">Problems</h2>
<p><code>application/problem+json</code> (RFC 9457). <code>code</code> is stable; <code>detail</code> is for the caller's
developer.</p>${problems.map(shapeView)}
<h2 id="shapes">Shapes</h2><p>What several answers hold.</p>${others.map(shapeView)}`;
}

const shapeView = ([name, schema]: readonly [string, Readonly<Record<string, unknown>>]): Html => {
  const { description } = schema as { description?: string };
  return html`<section class="shape" id="shape-${name}"><h3><a href="#shape-${name}">${name}</a></h3>
${description === undefined ? null : html`<p>${inline(description)}</p>`}
${schema["properties"] === undefined ? html`<p>${kindOf(schema)}</p>` : null}${schemaView(schema)}</section>`;
};
