/** How long a model that could not be reached is passed over where another one may answer. */
const DOWN_FOR_MS = 30_000;

/** The models that this process could not reach a moment ago. */
export function createDownModels(now: () => Date) {
  const until = new Map<string, number>();
  return {
    add(model: string): void {
      until.set(model, now().getTime() + DOWN_FOR_MS);
      const [oldest] = until.keys();
      if (oldest !== undefined && until.size > MAX_MODELS) until.delete(oldest);
    },
    isDown: (model: string): boolean => (until.get(model) ?? 0) > now().getTime(),
  };
}

const MAX_MODELS = 1000;

export type DownModels = ReturnType<typeof createDownModels>;
