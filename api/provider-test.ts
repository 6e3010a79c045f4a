import { randomBytes } from 'node:crypto';
import { billingOf } from '../domain/billing.ts';
import { AppError, invalidInput } from '../domain/errors.ts';
import type { GenerateRequest } from '../domain/llm.ts';
import { plainModelName } from '../domain/model-name.ts';
import { costOfUsage, toUsd, type Usage, worstCostOf } from '../domain/money.ts';
import type { Principal } from '../domain/principal.ts';
import type { ProviderFailure } from '../gateways/llm/provider-failure.ts';
import { promptTokens, resolvePrice } from '../kinds/estimate.ts';
import type { Hold } from '../store/holds.ts';
import type { ApiDeps } from './deps.ts';
import { API_OWNER, toError } from './hold-view.ts';

/** Models that cost little, for who wants to know whether a key works. */
const TEST_MODELS = { openai: 'gpt-5-nano', anthropic: 'claude-haiku-4-5', compatible: undefined } as const;
export const VENDOR_NAMES = Object.keys(TEST_MODELS) as (keyof typeof TEST_MODELS)[];
/** Room for models that think before they answer. */
const MAX_OUTPUT_TOKENS = 64;
const LIMIT_MS = 30_000;
const STEP = 'provider_test';

/**
 * Asks a model for one word. It is paid like every call: what it may cost is held before, and what it has
 * cost becomes an entry of the ledger.
 * @throws AppError `llm_…` where the provider does not answer; `budget_exceeded`; `price_unknown`.
 */
export async function testProvider(
  deps: ApiDeps,
  principal: Principal,
  provider: keyof typeof TEST_MODELS,
  given: string | undefined,
) {
  const name = given ?? TEST_MODELS[provider];
  if (name === undefined) {
    const problem = `must name a model of ${provider}, for it has none that is always there`;
    throw invalidInput(`model ${problem}`, [{ field: 'model', problem }]);
  }
  const model = name.startsWith(`${provider}/`) ? name : `${provider}/${name}`;
  const price = await resolvePrice(deps.pricing, principal.org, model, new Date());
  const request: GenerateRequest = {
    model,
    system: '',
    context: '',
    instruction: 'Answer with the word OK.',
    maxOutputTokens: MAX_OUTPUT_TOKENS,
    org: principal.org,
    offline: { kind: '', step: STEP, facts: {} },
  };
  const inputTokens = promptTokens(deps.pricing, request);
  const hold = await setAside(deps, principal, model, worstCostOf({ inputTokens, ...request }, price));
  const id = `${hold._id}:1`;
  const startedAt = performance.now();
  let usage: Usage | undefined;
  try {
    usage = await ask(deps, { ...request, callId: id });
  } catch (error) {
    const failure = error instanceof AppError ? (error.cause as Partial<ProviderFailure>) : undefined;
    const worst = billingOf(failure, false) === 'unknown' ? hold.amount : 0;
    await settle(deps, principal, hold, { id, costNanoUsd: worst });
    throw error;
  }
  const latencyMs = Math.round(performance.now() - startedAt);
  const costNanoUsd = costOfUsage(usage, price);
  await settle(deps, principal, hold, { id, costNanoUsd, usage });
  const tokens = { input: usage.inputTokens, output: usage.outputTokens };
  return { provider, model, latencyMs, costUsd: toUsd(costNanoUsd), tokens };
}

/** An answer that was billed and is of no use shows that the key works all the same. */
async function ask(deps: ApiDeps, request: GenerateRequest): Promise<Usage> {
  try {
    return (await deps.providers.model.generate(request, AbortSignal.timeout(LIMIT_MS))).usage;
  } catch (error) {
    const billed = error instanceof AppError ? (error.cause as Partial<ProviderFailure>)?.usage : undefined;
    if (billed === undefined) throw error;
    return billed;
  }
}

async function setAside(
  deps: ApiDeps,
  { org, id: createdBy }: Principal,
  modelName: string,
  amount: number,
): Promise<Hold> {
  const model = plainModelName(modelName);
  const id = `hld_${randomBytes(12).toString('hex')}`;
  const at = new Date();
  const result = await deps.store.acquire({
    org,
    id,
    owner: API_OWNER,
    scope: { provider: model.split('/', 1)[0] ?? '', model },
    line: `${API_OWNER}:${id}`,
    number: 1,
    amount,
    least: amount,
    priority: 5,
    validUntil: new Date(at.getTime() + 2 * LIMIT_MS),
    createdBy,
    at,
  });
  if ('denied' in result) throw toError(result.denied);
  return 'granted' in result ? result.granted : result.taken;
}

async function settle(
  deps: ApiDeps,
  { id: by }: Principal,
  hold: Hold,
  cost: { id: string; costNanoUsd: number; usage?: Usage },
): Promise<void> {
  if (cost.costNanoUsd > 0 || cost.usage !== undefined)
    await deps.store.charge(hold, { ...cost, step: STEP, by, at: new Date() });
  await deps.store.release(hold, new Date());
}
