import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../../domain/errors.ts';
import {
  type CallEnd,
  type LimitedKey,
  type RateLimits,
  type SharedLimits,
  USUAL_WAIT_MS,
} from '../../domain/limiter.ts';
import { type CountTokens, type LanguageModel, tokensOfPrompt } from '../../domain/llm.ts';
import { plainModelName, providerOf } from '../../domain/model-name.ts';
import type { Usage } from '../../domain/money.ts';

interface LimiterOptions {
  model: LanguageModel;
  limits: SharedLimits;
  /** What a call may need at most, for limits by tokens. */
  countTokens: CountTokens;
  /** The longest that a call takes: after it, and a little more, the place of a dead process is free. */
  timeoutMs: number;
  now: () => Date;
}

const LEASE_MARGIN_MS = 10_000;
/** Where all places are taken, one looks again so often, for so long. */
const LOOK_EVERY_MS = 40;
const PATIENCE_MS = 20_000;
/** What waits for one time does not come back all at once. */
const SPREAD_MS = 250;

/**
 * Lets calls through as fast as their provider has it: every call takes a place that all workers share before
 * it leaves, and none leaves while the provider's key is closed.
 * @throws AppError `llm_rate_limited` with the rest of the wait; else what the model throws.
 */
export function createLimiter({ model, limits, countTokens, timeoutMs, now }: LimiterOptions): LanguageModel {
  async function through<Result extends { usage: Usage; limits?: RateLimits }>(
    request: { org?: string; model: string; callId?: string },
    tokens: number,
    signal: AbortSignal,
    call: () => Promise<Result>,
  ): Promise<Result> {
    const key = keyOf(request);
    const id = request.callId ?? `${process.pid}:${Math.random().toString(36).slice(2)}`;
    await reserve(key, { id, tokens, leaseMs: timeoutMs + LEASE_MARGIN_MS }, signal);
    const startedAt = now();
    const finish = (end: CallEnd) =>
      // The answer is there and billed; a place that stays taken is free with its lease.
      limits.finish(key, { id, tokens, startedAt, at: now() }, end).catch(() => {});
    try {
      const result = await call();
      const { usage } = result;
      await finish({
        tokens: usage.inputTokens + usage.outputTokens,
        ...(result.limits && { limits: result.limits }),
      });
      return result;
    } catch (error) {
      const refused = error instanceof AppError && error.code === 'llm_rate_limited';
      const waitMs = refused ? (error.retryAfterMs ?? USUAL_WAIT_MS) : 0;
      await finish(refused ? { refusedUntil: now().getTime() + waitMs } : 'failed');
      throw error;
    }
  }

  async function reserve(
    key: LimitedKey,
    call: { id: string; tokens: number; leaseMs: number },
    signal: AbortSignal,
  ): Promise<void> {
    for (let waitedMs = 0; ; ) {
      signal.throwIfAborted();
      const at = now();
      const reservation = await limits.reserve(key, { ...call, at });
      if (reservation === 'granted') return;
      if (reservation !== 'busy') throw closed(reservation.until - at.getTime());
      if (waitedMs >= PATIENCE_MS) throw closed(LOOK_EVERY_MS);
      const waitMs = LOOK_EVERY_MS * (0.5 + Math.random());
      waitedMs += waitMs;
      await sleep(waitMs, undefined, { signal });
    }
  }

  return {
    generate: (request, signal) =>
      through(request, tokensOfPrompt(countTokens, request) + request.maxOutputTokens, signal, () =>
        model.generate(request, signal),
      ),
    embed: (request, signal) =>
      through(request, countTokens(request.model, request.text), signal, () => model.embed(request, signal)),
  };
}

function closed(waitMs: number): AppError {
  return new AppError('llm_rate_limited', 'The provider has asked all calls to wait.', {
    retryAfterMs: Math.max(1, waitMs) + Math.random() * SPREAD_MS,
  });
}

function keyOf({ org = '', model: name }: { org?: string; model: string }): LimitedKey {
  const model = plainModelName(name);
  return { org, provider: providerOf(model), model };
}
