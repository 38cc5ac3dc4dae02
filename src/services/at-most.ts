/** Work in parallel, bounded: a burst of calls takes memory and the platform's patience, one at a time takes for ever. */

/** At most `max` at a time, each begun as soon as one before it has ended. @returns one answer per item, same order */
export async function atMost<Item, Answer>(
  max: number,
  items: readonly Item[],
  work: (item: Item) => Promise<Answer>,
): Promise<readonly Answer[]> {
  const answers = new Map<number, Answer>();
  const queue = items.entries(); // shared: each worker takes the next one
  const workers = Array.from({ length: Math.min(max, items.length) }, async () => {
    for (const [i, item] of queue) answers.set(i, await work(item));
  });
  await Promise.all(workers);
  return Array.from(items, (_, i) => answers.get(i) as Answer);
}
