import type { ErrorDetail } from '../errors.ts';
import { type Channel, isWebAddress } from './channel.ts';

const MAX_TARGET = 2000;
const MAX_ADDRESSES = 20;

/**
 * What is wrong with where a channel, or a notification of a budget, leads to. A mask is no target either.
 * @param options.slackAddresses whether the address of a Slack webhook will do: it is a secret.
 */
export function targetProblems(
  field: string,
  { type, target }: Pick<Channel, 'type' | 'target'>,
  { slackAddresses }: { slackAddresses: boolean },
): ErrorDetail[] {
  const wrong = (problem: string) => [{ field, problem }];
  if (target.length > MAX_TARGET) return wrong(`must have at most ${MAX_TARGET} characters`);
  if (target.includes('…')) return wrong('is what was shown of a target, not the target');
  if (type === 'email') return emailProblems(target).flatMap(wrong);
  if (type === 'slack' && slackAddresses && isWebAddress(target))
    return addressProblems(target).flatMap(wrong);
  if (type === 'slack' && !SLACK_CHANNEL.test(target))
    return wrong(`must be a channel, like #ops or its id C0123456789${slackAddresses ? OR_ADDRESS : ''}`);
  if (type === 'webhook') return addressProblems(target).flatMap(wrong);
  return [];
}

const OR_ADDRESS = ', or the address of a webhook';
const EMAIL =
  /^[^\s@<>,;:"()[\]\\]{1,64}@[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+$/i;
const SLACK_CHANNEL = /^(#[\p{L}\p{N}._-]{1,80}|@[\w.-]{1,80}|[CDGU][A-Z0-9]{8,20})$/u;

function emailProblems(target: string): string[] {
  const addresses = addressesIn(target);
  if (addresses.length > MAX_ADDRESSES) return [`must name at most ${MAX_ADDRESSES} addresses`];
  const isSound = addresses.length > 0 && addresses.every((address) => EMAIL.test(address));
  return isSound ? [] : ['must be an e-mail address, like ops@example.com, or several parted by commas'];
}

/** `a@x.com, b@x.com` one by one. */
export function addressesIn(target: string): string[] {
  return target
    .split(',')
    .map((address) => address.trim())
    .filter((address) => address !== '');
}

function addressProblems(target: string): string[] {
  const isSound = URL.canParse(target) && isPlain(new URL(target));
  return isSound ? [] : ['must be an http or https address, without a user name and password'];
}

function isPlain({ protocol, username, password }: URL): boolean {
  return ['http:', 'https:'].includes(protocol) && username === '' && password === '';
}
