/**
 * Does something again and again, so long after each time. Every process does: whoever comes first does it,
 * the others find nothing to do. @returns what ends it.
 */
export function repeatEvery(
  work: () => Promise<unknown>,
  everyMs: number,
  onError: (error: unknown) => void,
): () => Promise<void> {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let under: Promise<void> = Promise.resolve();
  const next = () => {
    if (stopped) return;
    timer = setTimeout(() => {
      under = work().then(() => {}, onError);
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
