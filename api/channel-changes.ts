import type { Channel, ChannelTerms } from '../domain/alerts/channel.ts';
import { isWebAddress } from '../domain/alerts/channel.ts';
import { channelProblems } from '../domain/alerts/channel-problems.ts';
import { shownTarget } from '../domain/alerts/channel-secrets.ts';
import { placeOf } from '../domain/alerts/preset-channels.ts';
import { AppError, type ErrorDetail, invalidInput } from '../domain/errors.ts';
import { given } from '../domain/given.ts';
import { firstProblem } from '../domain/issues.ts';
import type { Principal } from '../domain/principal.ts';
import { HIDDEN } from './budget-view.ts';
import type { ApiChannelEdit } from './channel-schemas.ts';
import { newSigningSecret, openedChannel, sealedChannel } from './channel-secrets.ts';
import type { ApiDeps } from './deps.ts';
import { idOf, keyTaken } from './idempotency.ts';

const MAX_CHANNELS = 100;
const FIELDS = [
  'name',
  'target',
  'events',
  'minimumSeverity',
  'enabled',
  'fallback',
  'quietHours',
  'digest',
  'maximumPerHour',
  'metadata',
] as const;
const REMOVABLE = ['fallback', 'quietHours', 'sealed'] as const;

/** @throws AppError `not_found`, also for another organization's channel. */
export async function findChannel(deps: ApiDeps, org: string, id: string): Promise<Channel> {
  const channel = await deps.channels.book.find(org, id);
  if (channel === undefined) throw notFound(id);
  return channel;
}

/**
 * Stores a new channel; a webhook without a secret gets one, where secrets can be stored. The same
 * Idempotency-Key brings the same answer.
 * @throws AppError `invalid_input`; `conflict` where the key came with something else before, or there are
 * too many channels.
 */
export async function createChannel(
  deps: ApiDeps,
  principal: Principal,
  terms: ChannelTerms,
  idempotencyKey: string | undefined,
): Promise<{ channel: Channel; secret: string | null }> {
  const { org, id: by } = principal;
  const { channels } = deps.store;
  const id = idOf('chn', org, idempotencyKey);
  await refuseWrong(deps, org, id, terms);
  const known = idempotencyKey === undefined ? undefined : await channels.find(org, id);
  if (known === undefined && (await channels.all(org)).length >= MAX_CHANNELS)
    throw new AppError('conflict', `an organization may have ${MAX_CHANNELS} channels; delete some first`);
  const isSigned = terms.type !== 'webhook' || terms.metadata.secret !== undefined;
  const secret = isSigned || deps.channels.encryption === undefined ? null : newSigningSecret();
  const metadata = secret === null ? terms.metadata : { ...terms.metadata, secret };
  const channel: Channel = { ...terms, metadata, id, org, source: 'api' };
  const { source: _, ...stored } = sealedChannel(deps, channel);
  if (known === undefined && (await channels.create({ ...stored, createdAt: new Date() }, by)))
    return { channel, secret };
  return repeated(deps, org, id, terms);
}

/** One that was changed since it was made is taken for the one that was asked for. */
async function repeated(deps: ApiDeps, org: string, id: string, terms: ChannelTerms) {
  const stored = await deps.store.channels.find(org, id);
  if (stored === undefined) throw keyTaken(`channel ${id}`);
  const { createdAt, updatedAt, ...rest } = stored;
  const channel = openedChannel(deps, { ...rest, source: 'api' });
  if (createdAt.getTime() !== updatedAt.getTime()) return { channel, secret: null };
  const { secret, ...withoutSecret } = channel.metadata;
  const isMade = typeof secret === 'string' && terms.metadata.secret === undefined;
  const before = isMade ? { ...channel, metadata: withoutSecret } : channel;
  if (channel.type !== terms.type || changedFields(before, terms).length > 0) throw keyTaken(`channel ${id}`);
  return { channel, secret: isMade ? secret : null };
}

/**
 * Changes what is given; an edit that changes nothing leaves no trace.
 * @throws AppError `not_found`, `invalid_input`, `conflict` where the API has not set the channel.
 */
export async function editChannel(
  deps: ApiDeps,
  { org, id: by }: Principal,
  id: string,
  asked: ApiChannelEdit,
): Promise<Channel> {
  const channel = await findChannel(deps, org, id);
  refusePreset(channel);
  const before = openedChannel(deps, channel);
  const after = merged(before, asked);
  const fields = changedFields(before, after);
  if (fields.length === 0) return before;
  // Who turns off what leads astray now must not be held up by that.
  await refuseWrong(deps, org, id, after, fields.includes('target'));
  const { id: _, org: __, source: ___, ...set } = sealedChannel(deps, after);
  const unset = REMOVABLE.filter((field) => set[field] === undefined);
  if (!(await deps.store.channels.edit(org, id, { set, unset, fields }, by, new Date()))) throw notFound(id);
  return after;
}

/** @throws AppError `not_found`, `conflict` where the API has not set the channel. */
export async function deleteChannel(deps: ApiDeps, { org, id: by }: Principal, id: string): Promise<void> {
  refusePreset(await findChannel(deps, org, id));
  if (!(await deps.store.channels.remove(org, id, by, new Date()))) throw notFound(id);
}

/** Who sends back what an answer hid means what is stored. */
function merged(before: Channel, asked: ApiChannelEdit): Channel {
  const { fallback, quietHours, target, metadata = {}, ...rest } = asked;
  const set = Object.entries(metadata).filter(([, value]) => value !== HIDDEN);
  const settings = Object.entries({ ...before.metadata, ...Object.fromEntries(set) });
  const after: Channel = {
    ...before,
    ...given(rest),
    ...(target !== undefined && target !== shownTarget(before) && { target }),
    ...(fallback && { fallback }),
    ...(quietHours && { quietHours }),
    metadata: Object.fromEntries(settings.filter(([, value]) => value !== null)),
  };
  if (fallback === null) delete after.fallback;
  if (quietHours === null) delete after.quietHours;
  return after;
}

function changedFields(before: ChannelTerms, after: ChannelTerms): string[] {
  return FIELDS.filter((field) => sorted(before[field]) !== sorted(after[field]));
}

/** As JSON, in which the order of fields means nothing. */
function sorted(value: unknown): string {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return JSON.stringify(isObject ? Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)) : value) ?? '';
}

/** @throws AppError `invalid_input` with every problem. */
async function refuseWrong(
  deps: ApiDeps,
  org: string,
  id: string,
  terms: ChannelTerms,
  isNewTarget = true,
): Promise<void> {
  const problems = channelProblems(terms);
  const masks = Object.entries(terms.metadata).filter(([, value]) => value === HIDDEN);
  for (const [name] of masks)
    problems.push({ field: `metadata.${name}`, problem: 'is what was shown of a secret, not the secret' });
  if (problems.length === 0 && isNewTarget) problems.push(...(await targetProblem(deps, terms)));
  if (terms.fallback === id) problems.push({ field: 'fallback', problem: 'must be another channel' });
  else if (terms.fallback !== undefined && !(await deps.channels.book.find(org, terms.fallback)))
    problems.push({ field: 'fallback', problem: `there is no channel ${terms.fallback}` });
  if (problems.length > 0)
    throw invalidInput(`the channel is not valid: ${firstProblem(problems)}`, problems);
}

async function targetProblem({ channels }: ApiDeps, { target }: ChannelTerms): Promise<ErrorDetail[]> {
  if (!isWebAddress(target)) return [];
  const problem = await channels.problemOf(target);
  return problem === undefined ? [] : [{ field: 'target', problem }];
}

function refusePreset(channel: Channel): void {
  if (channel.source === 'api') return;
  const problem = `channel ${channel.id} is set in ${placeOf(channel)}: change it there, and start anew`;
  throw new AppError('conflict', problem, { details: [{ field: 'id', problem }] });
}

function notFound(id: string): AppError {
  return new AppError('not_found', `there is no channel ${id}`);
}
