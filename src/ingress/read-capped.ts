/**
 * A request body read whole, counted while it streams where its length is not told. Where it is, the connection itself ends
 * the body there (RFC 9112, 6.3), and the runtime's own reader takes a fifth of the time.
 */
import { err, ok, type Result } from "../domain/result.ts";

export type TooLarge = { readonly kind: "too_large"; readonly bytesMax: number };

export async function readCapped(
  request: Request,
  bytesMax: number,
): Promise<Result<Uint8Array<ArrayBuffer>, TooLarge>> {
  const tooLarge = err({ kind: "too_large", bytesMax } as const);
  const told = request.headers.get("content-length");
  if (Number(told ?? 0) > bytesMax) return tooLarge;
  if (request.body === null) return ok(new Uint8Array());
  if (told !== null) {
    const body = new Uint8Array(await request.arrayBuffer());
    return body.byteLength > bytesMax ? tooLarge : ok(body);
  }
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
