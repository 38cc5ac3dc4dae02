/** Parts of at most `sizeMax`, in order: what a statement, a request or a batch may hold. */
export function chunksOf<Item>(items: readonly Item[], sizeMax: number): Item[][] {
  const chunks: Item[][] = [];
  for (let i = 0; i < items.length; i += sizeMax) chunks.push(items.slice(i, i + sizeMax));
  return chunks;
}
