/** Where a letter died, as a label: a queue goes by its own name, what no queue carried by its receiver's. */
export const queueOfOrigin = (origin: string): string => origin.replace(/^queue\//, "");
