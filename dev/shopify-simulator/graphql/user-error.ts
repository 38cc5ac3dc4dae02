/** One entry of `userErrors`. The code is absent from plain `UserError`s. */
export type UserErrorRow = {
  readonly field: readonly string[] | null;
  readonly message: string;
  readonly code?: string;
};
