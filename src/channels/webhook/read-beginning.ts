/** The beginning of a body as text: as many bytes as one wants, or as came until it broke off or its time was over. */

/** Never rejects. What is left of the body is not waited for. */
export async function readBeginning(
  body: ReadableStream<Uint8Array> | null,
  bytesMax: number,
  signal: AbortSignal,
): Promise<string> {
  if (body === null) return "";
  const reader = body.getReader();
  // Whether a signal that was given to `fetch` ends the body, too, is the runtime's affair.
  const stop = (): void => void reader.cancel().catch(() => {});
  signal.addEventListener("abort", stop);
  const decoder = new TextDecoder();
  let text = "";
  let bytesLeft = bytesMax;
  try {
    while (bytesLeft > 0) {
      const { done, value } = await reader.read();
      if (done) return text;
      text += decoder.decode(value.subarray(0, bytesLeft), { stream: true });
      bytesLeft -= value.byteLength;
    }
  } catch {
    return text; // it broke off
  } finally {
    signal.removeEventListener("abort", stop);
  }
  stop();
  return text;
}
