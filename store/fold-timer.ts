/**
 * Folds again and again, so long after each time. Every process does: whoever comes first counts, the others
 * find nothing to do. @returns what ends it.
 */
export function foldEvery(
  fold: () => Promise<number>,
  everyMs: number,
  onError: (error: unknown) => void,
): () => Promise<void> {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let under: Promise<void> = Promise.resolve();
  const next = () => {
    if (stopped) return;
    timer = setTimeout(() => {
      under = fold().then(() => {}, onError);
      void under.then(next);
    }, everyMs);
    timer.unref();
  };
  next();
  return async () => {
    stopped = true;
    clearTimeout(timer);
    await under;
  };
}
