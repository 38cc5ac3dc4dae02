/**
 * `bulkOperationRunQuery`: runs a query over everything in the background and leaves a JSONL file behind. It reads the shop
 * window by window while it goes on selling: like the real thing it is no snapshot, and a row may be older than its neighbour.
 */
import { randomUUID } from "node:crypto";
import { executeSync, type GraphQLSchema } from "graphql";
import type { BulkFaults } from "../faults/faults.ts";
import type { CallContext } from "../graphql/call-context.ts";
import type { PendingWork } from "../model/pending-work.ts";
import { type BulkQuery, readBulkQuery } from "./bulk-query-rules.ts";
import { flattenRows } from "./flatten-rows.ts";

export type BulkStatus = "CREATED" | "RUNNING" | "COMPLETED" | "CANCELING" | "CANCELED" | "FAILED";

export type BulkOperation = {
  readonly seq: number;
  readonly id: string;
  readonly query: string;
  readonly createdAtMs: number;
  /** Unguessable part of the result's address, which needs no token. */
  readonly secret: string;
  status: BulkStatus;
  errorCode: "INTERNAL_SERVER_ERROR" | null;
  completedAtMs: number | null;
  objectCount: number;
  rootObjectCount: number;
  fileBytes: number | null;
  url: string | null;
  readonly chunks: string[];
};

export type BulkUserError = {
  readonly field: readonly string[] | null;
  readonly message: string;
  readonly code: string;
};
export type BulkOutcome =
  | { readonly kind: "started"; readonly operation: BulkOperation }
  | { readonly kind: "refused"; readonly userErrors: readonly BulkUserError[] };

export type BulkDeps = {
  readonly schema: GraphQLSchema;
  readonly rootValue: unknown;
  readonly pending: PendingWork;
  readonly now: () => number;
  readonly newId: () => string;
  readonly nextSeq: () => number;
  /** Address of the server, known once it listens. */
  readonly origin: () => string;
  /** How long an operation stays CREATED, then again RUNNING before its first row. */
  readonly startDelayMs: number;
  readonly faults: () => BulkFaults;
  readonly contextFor: (window: CallContext["window"]) => CallContext;
  readonly onFinished: (operation: BulkOperation) => void;
};

/** Operations of one type that may run at once (since 2026-01). */
const RUNNING_MAX = 5;
/** Roots read in one turn of the event loop: large enough to be quick, small enough not to stall the deliveries. */
const WINDOW_ROWS = 200;

export class BulkOperations {
  readonly #deps: BulkDeps;
  readonly #operations: BulkOperation[] = [];

  constructor(deps: BulkDeps) {
    this.#deps = deps;
  }

  all(): readonly BulkOperation[] {
    return this.#operations;
  }

  byId(id: string): BulkOperation | undefined {
    return this.#operations.find((operation) => operation.id === id);
  }

  /** The lines of a finished result, in pieces. Null for an address that was never handed out. */
  resultOf(secret: string): readonly string[] | null {
    const operation = this.#operations.find((each) => each.secret === secret);
    return operation?.status === "COMPLETED" ? operation.chunks : null;
  }

  start(query: string): BulkOutcome {
    const reading = readBulkQuery(this.#deps.schema, query);
    if (reading.kind === "refused") {
      const userErrors = reading.messages.map((message) => ({ field: ["query"], message, code: "INVALID" }));
      return { kind: "refused", userErrors };
    }
    if (this.#deps.faults().outcome === "refused") {
      const message = "Bulk queries cannot be run at the moment.";
      return { kind: "refused", userErrors: [{ field: null, message, code: "INVALID" }] };
    }
    const running = this.#operations.filter((each) => isRunning(each));
    if (running.length >= RUNNING_MAX) {
      const ids = running.map((each) => `gid://shopify/BulkOperation/${each.id}`).join(", ");
      const message = `A bulk query operation for this app and shop is already in progress: ${ids}.`;
      return { kind: "refused", userErrors: [{ field: null, message, code: "OPERATION_IN_PROGRESS" }] };
    }
    const operation: BulkOperation = {
      seq: this.#deps.nextSeq(),
      id: this.#deps.newId(),
      query,
      createdAtMs: this.#deps.now(),
      secret: randomUUID().replaceAll("-", ""),
      status: "CREATED",
      errorCode: null,
      completedAtMs: null,
      objectCount: 0,
      rootObjectCount: 0,
      fileBytes: null,
      url: null,
      chunks: [],
    };
    this.#operations.push(operation);
    this.#deps.pending.begin();
    void this.#run(operation, reading.query).finally(() => this.#deps.pending.end());
    return { kind: "started", operation };
  }

  /** @returns false when it is over already */
  cancel(operation: BulkOperation): boolean {
    if (!isRunning(operation)) return false;
    operation.status = "CANCELING";
    return true;
  }

  async #run(operation: BulkOperation, query: BulkQuery): Promise<void> {
    await sleep(this.#deps.startDelayMs);
    if (operation.status === "CREATED") operation.status = "RUNNING";
    await sleep(this.#deps.startDelayMs);
    for (let offset = 0; operation.status === "RUNNING"; offset += WINDOW_ROWS) {
      const roots = this.#readWindow(operation, query, offset);
      if (roots < WINDOW_ROWS) break;
      await new Promise((resolve) => setImmediate(resolve));
    }
    const { outcome, readyAfterMs } = this.#deps.faults();
    if (outcome === "fails" && operation.status === "RUNNING") fail(operation);
    if (readyAfterMs > 0) await sleep(readyAfterMs);
    this.#finish(operation);
  }

  #readWindow(operation: BulkOperation, query: BulkQuery, offset: number): number {
    const result = executeSync({
      schema: this.#deps.schema,
      document: query.document,
      rootValue: this.#deps.rootValue,
      contextValue: this.#deps.contextFor({ offset, limit: WINDOW_ROWS }),
    });
    if (result.errors !== undefined) {
      fail(operation);
      return 0;
    }
    const { lines, roots } = flattenRows(result.data?.[query.rootField]);
    operation.objectCount += lines.length;
    operation.rootObjectCount += roots;
    if (lines.length > 0) operation.chunks.push(`${lines.join("\n")}\n`);
    return roots;
  }

  #finish(operation: BulkOperation): void {
    if (operation.status === "CANCELING") operation.status = "CANCELED";
    if (operation.status === "RUNNING") operation.status = "COMPLETED";
    operation.completedAtMs = this.#deps.now();
    if (operation.status === "COMPLETED" && operation.objectCount > 0) {
      operation.fileBytes = operation.chunks.reduce((sum, chunk) => sum + Buffer.byteLength(chunk), 0);
      operation.url = `${this.#deps.origin()}/bulk-operation-outputs/${operation.secret}/bulk-${operation.id}.jsonl`;
    }
    this.#deps.onFinished(operation);
  }
}

function fail(operation: BulkOperation): void {
  operation.status = "FAILED";
  operation.errorCode = "INTERNAL_SERVER_ERROR";
}

function isRunning(operation: BulkOperation): boolean {
  return operation.status === "CREATED" || operation.status === "RUNNING" || operation.status === "CANCELING";
}

function sleep(delayMs: number): Promise<void> {
  // Not worth keeping a process alive for.
  return new Promise((resolve) => setTimeout(resolve, delayMs).unref());
}
