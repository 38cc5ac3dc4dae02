/** One life of an invocation or an object. When it is over, what it was waiting for never comes, and it writes nothing. */
export class Life {
  #isOver = false;
  readonly #mourners: (() => void)[] = [];

  get isOver(): boolean {
    return this.#isOver;
  }

  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    for (const mourn of this.#mourners.splice(0)) mourn();
  }

  /** Runs once, when it is over. */
  onEnd(mourn: () => void): void {
    if (this.#isOver) mourn();
    else this.#mourners.push(mourn);
  }

  /** What comes back only while the life lasts. */
  await<Value>(work: Promise<Value>): Promise<Value> {
    return new Promise((resolve, reject) => {
      work.then(
        (value) => {
          if (!this.#isOver) resolve(value);
        },
        (error: unknown) => {
          if (!this.#isOver) reject(error);
        },
      );
    });
  }
}

/** Thrown through code whose life ended in the middle of it. */
export class LifeOver extends Error {}

/** Rejects when the life ends first: whoever called is told that the object was reset. */
export const inLife = <Value>(life: Life, work: Promise<Value>): Promise<Value> =>
  new Promise((resolve, reject) => {
    life.onEnd(() => reject(new LifeOver("the object was reset")));
    life.await(work).then(resolve, reject);
  });
