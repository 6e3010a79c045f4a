import { keepAtMost } from '../domain/keep-at-most.ts';

/** How long a model that could not be reached is passed over where another one may answer. */
const DOWN_FOR_MS = 30_000;

const MAX_MODELS = 1000;

/** The models that this process could not reach a moment ago. */
export function createDownModels(now: () => Date) {
  const until = new Map<string, number>();
  return {
    add(model: string): void {
      keepAtMost(MAX_MODELS, until, model, now().getTime() + DOWN_FOR_MS);
    },
    isDown: (model: string): boolean => (until.get(model) ?? 0) > now().getTime(),
  };
}

export type DownModels = ReturnType<typeof createDownModels>;
