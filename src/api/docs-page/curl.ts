/** One call of an operation, as somebody would type it. */
import { type Described, type Document, parameterOf } from "./described.ts";

/** Within single quotes of a shell. */
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

export function curlOf(method: string, path: string, operation: Described, document: Document): string {
  const parameters = operation.parameters.flatMap((given) => parameterOf(given, document) ?? []);
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const found = parameters.find((each) => each.in === "path" && each.name === name);
    return encodeURIComponent(String(found?.example ?? name));
  });
  const headers = parameters.filter((each) => each.in === "header" && each.required === true);
  const [[type, media] = []] = Object.entries(operation.requestBody?.content ?? {});
  const isOpen = operation.security?.length === 0;
  const lines = [
    `curl${method === "get" ? "" : ` -X ${method.toUpperCase()}`} "$ONHAND${filled}${queryOf(parameters)}"`,
    ...(isOpen ? [] : [`-H "Authorization: Bearer $ADMIN_TOKEN"`]),
    ...headers.map(({ name, example }) => `-H ${quoted(`${name}: ${String(example)}`)}`),
    ...(type === undefined ? [] : [`-H ${quoted(`Content-Type: ${type}`)}`]),
    ...(media?.example === undefined ? [] : [dataOf(media.example)]),
  ];
  return lines.join(" \\\n  ");
}

function queryOf(parameters: readonly { in: string; name: string; required?: boolean; example?: unknown }[]): string {
  const needed = parameters.filter((each) => each.in === "query" && each.required === true);
  return needed.length === 0 ? "" : `?${needed.map(({ name }) => `${name}=…`).join("&")}`;
}

const dataOf = (example: unknown): string =>
  typeof example === "string" ? `--data-binary @counts.csv` : `-d ${quoted(JSON.stringify(example))}`;
