/** JSON as D1 keeps it where it is long: an order's projection shrinks to a tenth. */
export async function gzipJson(value: unknown): Promise<ArrayBuffer> {
  const stream = new Blob([JSON.stringify(value)]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Response(stream).arrayBuffer();
}

/** D1 gives a BLOB back as an array of numbers. */
export async function gunzipJson(blob: ArrayBuffer | readonly number[]): Promise<unknown> {
  const stream = new Blob([new Uint8Array(blob)]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).json();
}
