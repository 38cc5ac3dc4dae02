/** What a run counted, beside right and wrong. */
export type Figures = {
  batches: number;
  /** Adjusts, and moves. */
  pushes: number;
  /** Pushes that only move units between available and safety_stock. */
  moves: number;
  /** What a shop may show was changed. */
  ruleChanges: number;
  refused: number;
  /** Pushes that the gate held and gave back. */
  returned: number;
  reads: number;
  ownEvents: number;
  /** Changes that Shopify made itself. */
  genuineChanges: number;
  /** Hints sent or repeated, phantoms included: each can move a reservation to the other shops and back. */
  hintsDelivered: number;
  guardedSold: number;
  guardedRefused: number;
  /** Units by which the physical total fell below zero. */
  oversoldUnits: number;
  settlements: number;
  /** Units of real orders and restocks that had a notice, and units that the merge explained by one. */
  noticedUnits: number;
  attributedUnits: number;
};

export const noFigures = (): Figures => ({
  batches: 0,
  pushes: 0,
  moves: 0,
  ruleChanges: 0,
  refused: 0,
  returned: 0,
  reads: 0,
  ownEvents: 0,
  genuineChanges: 0,
  hintsDelivered: 0,
  guardedSold: 0,
  guardedRefused: 0,
  oversoldUnits: 0,
  settlements: 0,
  noticedUnits: 0,
  attributedUnits: 0,
});

export function addFigures(sum: Figures, more: Figures): void {
  for (const name of Object.keys(sum) as (keyof Figures)[]) sum[name] += more[name];
}
