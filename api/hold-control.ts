import { randomBytes } from 'node:crypto';
import { scopeKeyOf } from '../domain/budgets/scope.ts';
import { AppError } from '../domain/errors.ts';
import { fromUsd, type Usage } from '../domain/money.ts';
import type { Principal } from '../domain/principal.ts';
import type { Charged } from '../store/hold-charge.ts';
import type { Hold } from '../store/holds.ts';
import type { ApiDeps } from './deps.ts';
import type { NewEntry, NewHold } from './hold-schemas.ts';
import { API_OWNER, toError } from './hold-view.ts';
import { keyTaken, sha256 } from './idempotency.ts';
import { wakeSoon } from './wake-runs.ts';

/**
 * Takes money out of every budget of the scope, all of it or none. The same Idempotency-Key brings the same
 * hold; after a no it asks again.
 * @throws AppError `budget_exceeded` or `circuit_open`; `conflict` where the key came with another request.
 */
export async function createHold(
  deps: ApiDeps,
  principal: Principal,
  asked: NewHold,
  idempotencyKey: string | undefined,
): Promise<Hold> {
  const { scope, ttlSeconds, priority, emergencyReason } = asked;
  const amount = fromUsd(asked.amountUsd);
  const at = new Date();
  const line = lineOf(asked);
  const result = await deps.store.acquire({
    org: principal.org,
    id: holdIdOf(principal.org, idempotencyKey),
    owner: API_OWNER,
    scope,
    line,
    number: 1,
    amount,
    least: amount,
    priority,
    validUntil: new Date(at.getTime() + ttlSeconds * 1000),
    ...(emergencyReason !== undefined && { emergency: emergencyReason }),
    createdBy: principal.id,
    at,
  });
  if ('denied' in result) throw toError(result.denied);
  if ('granted' in result) return result.granted;
  if (result.taken.line === line) return result.taken;
  throw keyTaken(`hold ${result.taken._id}`);
}

/** @throws AppError `not_found`, also for another organization's hold. */
export async function findHold(deps: ApiDeps, org: string, id: string): Promise<Hold> {
  const hold = await deps.store.holds.find(org, id);
  if (hold === undefined) throw new AppError('not_found', `there is no hold ${id}`);
  return hold;
}

/**
 * Settles a cost against a hold, also one that is closed or over: it has happened.
 * @throws AppError `conflict` for the hold of a run, and where the id came with another cost before.
 */
export async function chargeHold(
  deps: ApiDeps,
  principal: Principal,
  id: string,
  asked: NewEntry,
): Promise<Charged> {
  const hold = await ownHold(deps, principal.org, id, 'charged');
  const { costUsd, usage, step } = asked;
  const costNanoUsd = fromUsd(costUsd);
  const charged = await deps.store.charge(hold, {
    id: `${id}:${asked.id ?? randomBytes(9).toString('base64url')}`,
    costNanoUsd,
    ...(usage !== undefined && { usage }),
    ...(step !== undefined && { step }),
    by: principal.id,
    at: new Date(),
  });
  if (charged === undefined) throw new AppError('not_found', `there is no hold ${id}`);
  const { entry } = charged;
  if (entry.costNanoUsd === costNanoUsd && entry.step === step && sameTokens(entry.usage, usage))
    return charged;
  throw new AppError('conflict', `the entry ${asked.id} of this hold is another cost`, {
    details: [{ field: 'id', problem: 'came with another cost, step or usage before: use a new one' }],
  });
}

/**
 * Gives back what is left; asking again changes nothing. @throws AppError `conflict` for the hold of a run.
 */
export async function releaseHold(deps: ApiDeps, org: string, id: string): Promise<Hold> {
  const hold = await ownHold(deps, org, id, 'released');
  const freed = await deps.store.release(hold, new Date());
  if (freed > 0) wakeSoon(deps, org);
  return findHold(deps, org, id);
}

async function ownHold(deps: ApiDeps, org: string, id: string, verb: string): Promise<Hold> {
  const hold = await findHold(deps, org, id);
  if (hold.owner === API_OWNER) return hold;
  const problem = `belongs to the run ${hold.owner}, which settles it by itself`;
  throw new AppError('conflict', `hold ${id} cannot be ${verb}: it ${problem}`);
}

function sameTokens(stored: Usage | undefined, asked: Usage | undefined): boolean {
  return tokensOf(stored) === tokensOf(asked);
}

/** Kinds of tokens that are left out are none. */
function tokensOf(usage: Usage | undefined): string {
  const { inputTokens = 0, outputTokens = 0, cachedReadTokens = 0, cachedWriteTokens = 0 } = usage ?? {};
  return [inputTokens, outputTokens, cachedReadTokens, cachedWriteTokens, usage?.reasoningTokens ?? 0].join();
}

/** From the key where there is one, else by chance. */
export function holdIdOf(org: string, idempotencyKey?: string): string {
  if (idempotencyKey === undefined) return `hld_${randomBytes(12).toString('hex')}`;
  return `hld_${sha256(JSON.stringify([org, idempotencyKey])).slice(0, 24)}`;
}

/** Holds of the API have no line of successors; theirs names the request, to tell it from another one. */
function lineOf({ scope, amountUsd, ttlSeconds, priority, emergencyReason }: NewHold): string {
  const request = [scopeKeyOf(scope), amountUsd, ttlSeconds, priority, emergencyReason ?? null];
  return `${API_OWNER}:${sha256(JSON.stringify(request)).slice(0, 32)}`;
}
