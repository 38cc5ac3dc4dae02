/** One operation: what it takes, what it answers, what may go wrong. */
import { curlOf } from "./curl.ts";
import {
  type Content,
  type Described,
  type Document,
  nameOf,
  type Parameter,
  parameterOf,
  type Response,
} from "./described.ts";
import { type Html, html, inline, prose } from "./html.ts";
import { kindOf, notesOf, schemaView } from "./schema-view.ts";

export type Placed = { readonly method: string; readonly path: string; readonly operation: Described };

export const anchorOf = ({ method, path, operation }: Placed): string => operation.operationId ?? `${method}-${path}`;

export function operationView(placed: Placed, document: Document): Html {
  const { method, path, operation } = placed;
  const id = anchorOf(placed);
  return html`<section class="operation" id="${id}" aria-labelledby="${id}-title">
<h3 id="${id}-title"><a href="#${id}">${inline(operation.summary)}</a></h3>
<p class="endpoint"><span class="method ${method}">${method.toUpperCase()}</span> <code>${breakable(path)}</code></p>
${operation.description === undefined ? null : prose(operation.description)}
${parametersView(operation, document)}
${operation.requestBody === undefined ? null : bodyView(operation.requestBody.content)}
<details class="curl"><summary>curl</summary><pre><code>${curlOf(method, path, operation, document)}</code></pre></details>
<h4>Answers</h4>
${Object.entries(operation.responses).map(([status, response]) => answerView(status, response))}
</section>`;
}

/** A long path may break before each slash. */
export const breakable = (path: string): Html =>
  html`${path.split(/(?=\/)/).map((step, at) => (at === 0 ? step : html`<wbr>${step}`))}`;

/** Those that every operation takes are told once, at the top of the page. */
const OF_ALL = new Set(["X-Correlation-Id", "X-Client-Id"]);

export function parametersView(operation: Described, document: Document): Html | null {
  const own = operation.parameters
    .flatMap((given) => parameterOf(given, document) ?? [])
    .filter(({ name }) => !OF_ALL.has(name));
  if (own.length === 0) return null;
  return html`<h4>Parameters</h4><div class="scroll"><table class="fields">
<thead><tr><th scope="col">Name</th><th scope="col">Is</th><th scope="col">Note</th></tr></thead>
<tbody>${own.map(parameterRow)}</tbody></table></div>`;
}

const parameterRow = ({ name, in: place, required, description, schema }: Parameter): Html => html`<tr>
<th scope="row"><code>${name}</code> <span class="opt">${place}${required === true ? "" : ", optional"}</span></th>
<td>${kindOf(schema)}</td>
<td>${description === undefined ? null : html`${inline(description)} `}${place === "query" ? notesOf(schema) : null}</td></tr>`;

export function bodyView(content: Content): Html {
  return html`<h4>Body</h4>${Object.entries(content).map(
    ([type, { schema, example }]) => html`${type === "application/json" ? null : html`<p><code>${type}</code></p>`}
${typeof example === "string" ? null : schemaView(schema)}${exampleView(example)}`,
  )}`;
}

const exampleView = (example: unknown): Html | null =>
  example === undefined
    ? null
    : html`<details><summary>Example</summary><pre><code>${
        typeof example === "string" ? example : JSON.stringify(example, null, 2)
      }</code></pre></details>`;

const isGood = (status: string): boolean => status.startsWith("2") || status.startsWith("3");

function answerView(status: string, { description, headers = {}, content = {} }: Response): Html {
  const problems = content["application/problem+json"];
  const head = html`<span class="status ${isGood(status) ? "good" : "bad"}">${status}</span> `;
  if (problems !== undefined) return html`<p class="answer">${head}${problemLinks(problems.schema)}</p>`;
  const named = Object.keys(headers).filter((name) => name !== "X-Correlation-Id");
  const tail = named.length === 0 ? null : html` <span class="note">${named.join(", ")}</span>`;
  const [[type, media] = []] = Object.entries(content);
  if (media === undefined || type !== "application/json")
    return html`<p class="answer">${head}${inline(description)}${type === undefined ? null : html` <code>${type}</code>`}${tail}</p>`;
  return html`<details class="answer"><summary>${head}${inline(description)}${tail}</summary>
${schemaView(media.schema)}${exampleView(media.example)}</details>`;
}

function problemLinks(schema: { readonly [keyword: string]: unknown }): Html {
  const references = (schema["oneOf"] ?? [schema]) as readonly { readonly $ref: string }[];
  return html`${references.map(({ $ref }, at) => {
    const name = nameOf($ref);
    const code = name
      .replace(/Problem$/, "")
      .replaceAll(/(?<!^)([A-Z])/g, "_$1")
      .toLowerCase();
    return html`${at === 0 ? null : ", "}<a href="#shape-${name}"><code>${code}</code></a>`;
  })}`;
}
