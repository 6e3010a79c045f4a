import { randomBytes } from 'node:crypto';
import type { Channel } from '../domain/alerts/channel.ts';
import { openChannel, sealChannel, secretsIn } from '../domain/alerts/channel-secrets.ts';
import { AppError, invalidInput } from '../domain/errors.ts';
import type { ApiDeps } from './deps.ts';

const SECRET_BYTES = 32;

/** What a webhook is signed with (https://www.standardwebhooks.com). */
export function newSigningSecret(): string {
  return `whsec_${randomBytes(SECRET_BYTES).toString('base64')}`;
}

/** The channel as it is stored. @throws AppError `invalid_input` where secrets cannot be stored here. */
export function sealedChannel<T extends Channel>({ channels }: ApiDeps, channel: T): T {
  const [secret] = Object.keys(secretsIn(channel));
  const { encryption } = channels;
  if (secret === undefined || encryption !== undefined)
    return sealChannel(channel, encryption?.seal ?? impossible);
  const field = secret === 'target' ? 'target' : `metadata.${secret}`;
  const problem =
    'is a secret, and cannot be stored: BURSAR_ENCRYPTION_KEY is not set for the API and the workers';
  throw invalidInput(`${field} ${problem}`, [{ field, problem }]);
}

/** The channel with its secrets. @throws AppError `conflict` where they do not open. */
export function openedChannel({ channels }: ApiDeps, channel: Channel): Channel {
  try {
    return openChannel(channel, channels.encryption?.open ?? impossible);
  } catch {
    const problem = 'its secrets do not open: BURSAR_ENCRYPTION_KEY is another than when they were stored';
    throw new AppError('conflict', `${problem}; delete the channel and make it anew`);
  }
}

function impossible(): never {
  throw new Error('there is no key');
}
