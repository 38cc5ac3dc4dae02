/** Queues by name. */
import { QUEUES } from "../queues/queue-table.ts";
import { eventShards } from "../queues/send-event.ts";

/** The producer binding of a queue; shards of the event queue are bound under numbered names. */
export function queueOf(env: Env, name: string): Queue | undefined {
  const shard = /^onhand-events-(\d+)$/.exec(name)?.[1];
  if (shard !== undefined) return eventShards(env)[Number(shard)];
  const spec = QUEUES.find(({ queue }) => queue === name);
  return spec === undefined ? undefined : env[spec.binding];
}

/** A message that waits for something goes to its queue once more, as a new one. */
export const sendingAgain =
  (env: Env) =>
  async (name: string, body: unknown, delaySeconds: number): Promise<void> => {
    const queue = queueOf(env, name);
    if (queue === undefined) throw new Error(`there is no queue "${name}"`);
    await queue.send(body, { delaySeconds });
  };
