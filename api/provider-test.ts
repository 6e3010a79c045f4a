import { failureBehind } from '../domain/billing.ts';
import { invalidInput } from '../domain/errors.ts';
import type { GenerateRequest } from '../domain/llm.ts';
import type { VendorName } from '../domain/model-name.ts';
import { toUsd, type Usage } from '../domain/money.ts';
import type { Principal } from '../domain/principal.ts';
import { promptTokens } from '../kinds/estimate.ts';
import type { ApiDeps } from './deps.ts';
import { payFor } from './paid-call.ts';

/** Models that cost little, for who wants to know whether a key works. */
const TEST_MODELS: Record<VendorName, string | undefined> = {
  openai: 'gpt-5-nano',
  anthropic: 'claude-haiku-4-5',
  compatible: undefined,
};
/** Room for models that think before they answer. */
const MAX_OUTPUT_TOKENS = 64;
const LIMIT_MS = 30_000;

/**
 * Asks a model for one word.
 * @throws AppError `llm_…` where the provider does not answer; `budget_exceeded`; `price_unknown`.
 */
export async function testProvider(
  deps: ApiDeps,
  principal: Principal,
  provider: VendorName,
  given: string | undefined,
) {
  const name = given ?? TEST_MODELS[provider];
  if (name === undefined) {
    const problem = `must name a model of ${provider}, for it has none that is always there`;
    throw invalidInput(`model ${problem}`, [{ field: 'model', problem }]);
  }
  const model = name.startsWith(`${provider}/`) ? name : `${provider}/${name}`;
  const request: GenerateRequest = {
    model,
    system: '',
    context: '',
    instruction: 'Answer with the word OK.',
    maxOutputTokens: MAX_OUTPUT_TOKENS,
    org: principal.org,
    offline: { kind: '', step: 'provider_test', facts: {} },
  };
  const inputTokens = promptTokens(deps.pricing, request);
  let latencyMs = 0;
  const { usage, costNanoUsd } = await payFor(deps, principal, {
    model,
    step: 'provider_test',
    inputTokens,
    maxOutputTokens: MAX_OUTPUT_TOKENS,
    call: async (callId) => {
      const startedAt = performance.now();
      const usage = await ask(deps, { ...request, callId });
      latencyMs = Math.round(performance.now() - startedAt);
      return { usage };
    },
  });
  const tokens = { input: usage.inputTokens, output: usage.outputTokens };
  return { provider, model, latencyMs, costUsd: toUsd(costNanoUsd), tokens };
}

/** An answer that was billed and is of no use shows that the key works all the same. */
async function ask(deps: ApiDeps, request: GenerateRequest): Promise<Usage> {
  try {
    return (await deps.providers.model.generate(request, AbortSignal.timeout(LIMIT_MS))).usage;
  } catch (error) {
    const billed = failureBehind(error)?.usage;
    if (billed === undefined) throw error;
    return billed;
  }
}
