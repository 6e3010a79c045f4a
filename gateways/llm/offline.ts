import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '../../domain/errors.ts';
import { featureVector } from '../../domain/features.ts';
import { keepAtMost } from '../../domain/keep-at-most.ts';
import {
  type CountTokens,
  type EmbedResult,
  type GenerateRequest,
  type GenerateResult,
  type LanguageModel,
  type OfflineWriter,
  tokensOfPrompt,
} from '../../domain/llm.ts';
import { readModelName } from '../../domain/model-name.ts';
import type { Usage } from '../../domain/money.ts';
import { type OfflineFaults, parseFaults } from './faults.ts';
import { ProviderFailure } from './provider-failure.ts';

interface OfflineModelOptions {
  /** By kind. */
  writers: Record<string, OfflineWriter>;
  countTokens: CountTokens;
  /** Faults of every call whose model name carries none. */
  faults?: OfflineFaults;
  /** Resolves after the milliseconds, or rejects when the signal aborts. */
  sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** Calls are counted by fault options as they stand in the model's name, in this process. */
interface Rehearsal {
  faults: OfflineFaults;
  calls: number;
}

const MAX_REHEARSALS = 1000;
const DEFAULT_RETRY_AFTER_MS = 1000;

/**
 * The provider that needs no key and no network: writes each step from the item's facts, always the same
 * from the same facts, and counts tokens as the model would that it stands in for. As with a real model, an
 * answer that does not fit into `maxOutputTokens` is an error.
 * @throws AppError `llm_…` as its faults say; the reason of the signal when that aborts.
 */
export function createOfflineModel(options: OfflineModelOptions): LanguageModel {
  const { countTokens, sleep = sleepFor } = options;
  const rehearsals = new Map<string, Rehearsal>();

  function rehearsalOf(spec: string): Rehearsal {
    let rehearsal = rehearsals.get(spec);
    if (rehearsal === undefined) {
      rehearsal = { faults: spec === '' ? (options.faults ?? {}) : parseFaults(spec), calls: 0 };
      keepAtMost(MAX_REHEARSALS, rehearsals, spec, rehearsal);
    }
    return rehearsal;
  }

  /** What every call goes through before it is answered. */
  async function begin(model: string, facts: unknown, signal: AbortSignal) {
    signal.throwIfAborted();
    const rehearsal = rehearsalOf(readModelName(model)?.options ?? '');
    const { faults } = rehearsal;
    rehearsal.calls += 1;
    const nth = rehearsal.calls;
    refuseAtOnce(faults, nth);
    if (faults.latencyMs !== undefined && faults.latencyMs > 0) await sleep(faults.latencyMs, signal);
    fail(faults, nth, facts);
    return { faults, nth };
  }

  return {
    async generate(request, signal): Promise<GenerateResult> {
      const { faults, nth } = await begin(request.model, request.offline.facts, signal);
      const text = spoil(faults, nth, write(options.writers, request));
      return { text, usage: bill(faults, request, text, countTokens) };
    },
    async embed({ model, text, dimensions }, signal): Promise<EmbedResult> {
      await begin(model, undefined, signal);
      const usage = { inputTokens: countTokens(model, text), outputTokens: 0 };
      return { vector: featureVector(text, dimensions), usage };
    },
  };
}

/** What a provider answers before it works: these take no time. */
function refuseAtOnce(faults: OfflineFaults, nth: number): void {
  if (faults.keyMissing === 1) {
    throw new AppError('llm_key_missing', 'The offline provider was told that it has no key (keyMissing).');
  }
  if (isNth(faults.rateLimitEvery, nth)) {
    throw new AppError(
      'llm_rate_limited',
      'The offline provider was told to ask for a wait (rateLimitEvery).',
      {
        retryAfterMs: faults.retryAfterMs ?? DEFAULT_RETRY_AFTER_MS,
      },
    );
  }
}

/** Messages name the option and no number that changes, so that equal failures are counted as one. */
function fail(faults: OfflineFaults, nth: number, facts: unknown): void {
  const option =
    (nth <= (faults.failFirst ?? 0) && 'failFirst') ||
    (isNth(faults.failEvery, nth) && 'failEvery') ||
    (faults.failObject !== undefined && faults.failObject === nameOf(facts) && 'failObject') ||
    undefined;
  if (option !== undefined) {
    const code = faults.failCode ?? 'llm_unavailable';
    throw new AppError(code, `The offline provider was told to fail (${option}).`);
  }
  if (isNth(faults.refuseEvery, nth)) {
    throw new AppError('llm_refused', 'The offline provider was told to decline (refuseEvery).');
  }
}

function write(writers: Record<string, OfflineWriter>, request: GenerateRequest): string {
  const { kind, step, facts } = request.offline;
  const writer = Object.hasOwn(writers, kind) ? writers[kind] : undefined;
  if (writer === undefined) throw new Error(`there is no offline writer for the kind "${kind}"`);
  return writer(step, facts);
}

function spoil(faults: OfflineFaults, nth: number, text: string): string {
  if (isNth(faults.emptyEvery, nth)) return '';
  if (isNth(faults.malformedEvery, nth))
    return `{"answer": ${JSON.stringify(text.slice(0, text.length / 2))}`;
  return text;
}

/**
 * Token by token as asked: system, context and instruction each on its own, so that a shared context is
 * counted once.
 */
function bill(
  faults: OfflineFaults,
  request: GenerateRequest,
  text: string,
  countTokens: CountTokens,
): Usage {
  const { model, maxOutputTokens } = request;
  const inputTokens = tokensOfPrompt(countTokens, request);
  const outputTokens = countTokens(model, text);
  if (outputTokens > maxOutputTokens) {
    throw new AppError(
      'llm_output_invalid',
      `The answer was cut off at the limit of ${maxOutputTokens} output tokens.`,
      {
        cause: new ProviderFailure({
          providerCode: 'length',
          usage: { inputTokens, outputTokens: maxOutputTokens },
        }),
      },
    );
  }
  if (faults.overbillFactor === undefined) return { inputTokens, outputTokens };
  return { inputTokens, outputTokens: Math.ceil(maxOutputTokens * faults.overbillFactor) };
}

function isNth(every: number | undefined, nth: number): boolean {
  return every !== undefined && nth % every === 0;
}

/** The name of the object that the facts are about: `facts.object.name`, else `facts.name`. */
function nameOf(facts: unknown): unknown {
  const { object, name } = (facts ?? {}) as { object?: { name?: unknown } | null; name?: unknown };
  return object?.name ?? name;
}

async function sleepFor(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, { signal });
  } catch {
    signal.throwIfAborted();
  }
}
