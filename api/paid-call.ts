import { billingOf, failureBehind } from '../domain/billing.ts';
import { plainModelName, providerOf } from '../domain/model-name.ts';
import { costOfUsage, type Usage, worstCostOf } from '../domain/money.ts';
import type { Principal } from '../domain/principal.ts';
import { resolvePrice } from '../kinds/estimate.ts';
import type { Hold } from '../store/holds.ts';
import type { ApiDeps } from './deps.ts';
import { holdIdOf } from './hold-control.ts';
import { API_OWNER, toError } from './hold-view.ts';

const HELD_MS = 120_000;

/** A call that the API itself makes for somebody. */
interface ApiCall<Result extends { usage: Usage }> {
  model: string;
  /** Names it in the ledger. */
  step: string;
  inputTokens: number;
  maxOutputTokens: number;
  user?: string;
  /** `callId` is that of the entry. */
  call(callId: string): Promise<Result>;
}

/**
 * Makes a call outside of any run, paid like every other: what it may cost is held before, and what it has
 * cost becomes an entry of the ledger. What nobody knows the cost of counts at its worst.
 * @throws AppError what the call throws; `budget_exceeded`, `circuit_open`; `price_unknown`.
 */
export async function payFor<Result extends { usage: Usage }>(
  deps: ApiDeps,
  principal: Principal,
  asked: ApiCall<Result>,
): Promise<Result & { costNanoUsd: number }> {
  const price = await resolvePrice(deps.pricing, principal.org, asked.model, new Date());
  const hold = await setAside(deps, principal, asked, worstCostOf(asked, price));
  const cost = { id: `${hold._id}:1`, step: asked.step };
  try {
    const result = await asked.call(cost.id);
    const costNanoUsd = costOfUsage(result.usage, price);
    await settle(deps, principal, hold, { ...cost, costNanoUsd, usage: result.usage });
    return { ...result, costNanoUsd };
  } catch (error) {
    const billing = billingOf(failureBehind(error), false);
    if (billing === 'unknown') await settle(deps, principal, hold, { ...cost, costNanoUsd: hold.amount });
    else if (billing === 'unbilled') await deps.store.release(hold, new Date());
    else {
      const costNanoUsd = costOfUsage(billing.billed, price);
      await settle(deps, principal, hold, { ...cost, costNanoUsd, usage: billing.billed });
    }
    throw error;
  }
}

async function setAside(
  deps: ApiDeps,
  { org, id: createdBy }: Principal,
  { model: name, user }: { model: string; user?: string },
  amount: number,
): Promise<Hold> {
  const model = plainModelName(name);
  const id = holdIdOf(org);
  const at = new Date();
  const result = await deps.store.acquire({
    org,
    id,
    owner: API_OWNER,
    scope: { provider: providerOf(model), model, ...(user !== undefined && { user }) },
    line: `${API_OWNER}:${id}`,
    number: 1,
    amount,
    least: amount,
    priority: 5,
    validUntil: new Date(at.getTime() + HELD_MS),
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
  cost: { id: string; step: string; costNanoUsd: number; usage?: Usage },
): Promise<void> {
  await deps.store.charge(hold, { ...cost, by, at: new Date() });
  await deps.store.release(hold, new Date());
}
