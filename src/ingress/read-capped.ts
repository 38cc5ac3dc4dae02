/** A request body read whole, counted while it streams: `content-length` is a claim, and may be missing. */
import { err, ok, type Result } from "../domain/result.ts";

export type TooLarge = { readonly kind: "too_large"; readonly bytesMax: number };

export async function readCapped(
  request: Request,
  bytesMax: number,
): Promise<Result<Uint8Array<ArrayBuffer>, TooLarge>> {
  const tooLarge = err({ kind: "too_large", bytesMax } as const);
  if (Number(request.headers.get("content-length") ?? 0) > bytesMax) return tooLarge;
  if (request.body === null) return ok(new Uint8Array());
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request.body as ReadableStream<Uint8Array>) {
    bytes += chunk.byteLength;
    if (bytes > bytesMax) return tooLarge; // leaving the loop cancels the stream
    chunks.push(chunk);
  }
  const whole = new Uint8Array(bytes);
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return ok(whole);
}
