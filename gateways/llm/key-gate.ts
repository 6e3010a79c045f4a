import { AppError } from '../../domain/errors.ts';
import { keepAtMost } from '../../domain/keep-at-most.ts';
import { USUAL_WAIT_MS } from '../../domain/limiter.ts';
import type { LanguageModel } from '../../domain/llm.ts';
import { providerOf } from '../../domain/model-name.ts';

/** Which provider keys are closed, and until when (milliseconds since 1970). */
interface ClosedKeys {
  closedUntil(key: string): number | undefined;
  /** Never shortens what another call has closed for longer. */
  close(key: string, until: number): void;
}

/**
 * The closed keys of this process. Few: one for each organization, provider and set of its options in use.
 */
export function createClosedKeys(): ClosedKeys {
  const closed = new Map<string, number>();
  return {
    closedUntil: (key) => closed.get(key),
    close: (key, until) => {
      keepAtMost(MAX_CLOSED_KEYS, closed, key, Math.max(until, closed.get(key) ?? 0));
    },
  };
}

const MAX_CLOSED_KEYS = 1000;

interface KeyGateOptions {
  model: LanguageModel;
  closedKeys: ClosedKeys;
  /** Milliseconds since 1970. */
  now: () => number;
}

/**
 * After a 429 the provider's key is closed for everybody until the time it named; calls made meanwhile are
 * refused without reaching the provider. Calls that were under way go on.
 * @throws AppError `llm_rate_limited` with the rest of the wait; else what the model throws.
 */
export function createKeyGate({ model, closedKeys, now }: KeyGateOptions): LanguageModel {
  async function through<Result>(request: Asked, call: () => Promise<Result>): Promise<Result> {
    const key = keyOf(request);
    const waitMs = (closedKeys.closedUntil(key) ?? 0) - now();
    if (waitMs > 0) {
      throw new AppError('llm_rate_limited', 'The provider has asked all calls to wait.', {
        retryAfterMs: waitMs,
      });
    }
    try {
      return await call();
    } catch (error) {
      if (error instanceof AppError && error.code === 'llm_rate_limited') {
        closedKeys.close(key, now() + (error.retryAfterMs ?? USUAL_WAIT_MS));
      }
      throw error;
    }
  }
  return {
    generate: (request, signal) => through(request, () => model.generate(request, signal)),
    embed: (request, signal) => through(request, () => model.embed(request, signal)),
  };
}

interface Asked {
  org?: string;
  model: string;
}

/** The provider with all of its options, so that rehearsals do not close each other, and whose key it is. */
function keyOf({ org = '', model }: Asked): string {
  return `${providerOf(model)} ${org}`;
}
