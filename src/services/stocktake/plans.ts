/** Dry runs that a real run may refer to. */
export type ImportPlan = {
  readonly id: string;
  /** Of the file. */
  readonly sha256: string;
  readonly actor: string;
  readonly rows: number;
  /** When rows that say no time of their own were counted. */
  readonly createdAtMs: number;
};

export interface ImportPlanStore {
  put(plan: ImportPlan): Promise<void>;
  get(id: string): Promise<ImportPlan | null>;
  /** Forget plans that are older. */
  prune(beforeMs: number): Promise<void>;
}
