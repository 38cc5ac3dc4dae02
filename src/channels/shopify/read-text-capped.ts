/** A reply's body as text, counted while it streams: what Shopify sends is foreign, and an object has 128 MB in all. */
import { err, ok, type Result } from "../../domain/result.ts";

export type TextError = { readonly kind: "too_large" | "broken"; readonly message: string };

/** What is needed of a Response; the Admin client's type has another `json`. */
export type RawResponse = Pick<Response, "status" | "statusText" | "headers" | "body">;

export async function readTextCapped(response: RawResponse, bytesMax: number): Promise<Result<string, TextError>> {
  if (response.body === null) return ok("");
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const decoder = new TextDecoder();
  let bytes = 0;
  let text = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return ok(text + decoder.decode());
      bytes += value.byteLength;
      if (bytes > bytesMax) {
        await reader.cancel();
        return err({ kind: "too_large", message: `the body is larger than ${bytesMax} bytes` });
      }
      text += decoder.decode(value, { stream: true });
    }
  } catch (error) {
    return err({
      kind: "broken",
      message: error instanceof Error ? error.message.slice(0, 200) : "the body broke off",
    });
  }
}
