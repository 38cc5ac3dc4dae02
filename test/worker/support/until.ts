/** Wait for what the queues bring, not for a time: polls, bounded. */
export async function until<Value>(
  look: () => Promise<Value>,
  isSo: (value: Value) => boolean,
  timeoutMs = 8_000,
): Promise<Value> {
  const deadlineMs = Date.now() + timeoutMs;
  for (;;) {
    const value = await look();
    if (isSo(value)) return value;
    if (Date.now() > deadlineMs)
      throw new Error(`it did not come to that within ${timeoutMs} ms: ${JSON.stringify(value)}`);
    await scheduler.wait(20);
  }
}
