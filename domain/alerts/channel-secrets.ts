import { type Channel, type ChannelType, isWebAddress } from './channel.ts';

/** Metadata that only whoever delivers may know: in no answer, error or log. */
export const SECRETS: Record<ChannelType, readonly string[]> = {
  email: [],
  slack: ['bot_token'],
  webhook: ['secret', 'auth_header'],
  log: [],
};

/** The secrets of a channel by name: of its metadata, and `target` where that lets in whoever knows it. */
export function secretsIn({ type, target, metadata }: Pick<Channel, 'type' | 'target' | 'metadata'>) {
  const secrets: Record<string, string> = {};
  for (const name of SECRETS[type]) {
    const value = metadata[name];
    if (typeof value === 'string') secrets[name] = value;
  }
  return type === 'slack' && isWebAddress(target) ? { ...secrets, target } : secrets;
}

/** The channel as it may be stored. @param seal as `Encryption` has it */
export function sealChannel<T extends Channel>(channel: T, seal: (secret: string, of: string) => string): T {
  const secrets = Object.entries(secretsIn(channel));
  if (secrets.length === 0) return channel;
  const rest = Object.entries(channel.metadata).filter(([name]) => !SECRETS[channel.type].includes(name));
  const sealed = secrets.map(([name, secret]) => [name, seal(secret, sealedFor(channel, name))]);
  return {
    ...channel,
    target: secrets.some(([name]) => name === 'target') ? shownTarget(channel) : channel.target,
    metadata: Object.fromEntries(rest),
    sealed: Object.fromEntries(sealed),
  };
}

/** The channel with its secrets in their places. @throws what `open` throws where one does not open. */
export function openChannel(channel: Channel, open: (sealed: string, of: string) => string): Channel {
  const { sealed = {}, ...rest } = channel;
  const opened = Object.entries(sealed).map(([name, text]) => [name, open(text, sealedFor(channel, name))]);
  const { target = rest.target, ...secrets } = Object.fromEntries(opened) as Record<string, string>;
  return { ...rest, target, metadata: { ...rest.metadata, ...secrets } };
}

/** What a sealed secret belongs to: it opens for nothing else. */
function sealedFor({ org, id }: Channel, name: string): string {
  return `${org}:channel:${id}:${name}`;
}

/**
 * The target as it may be shown: of Slack's webhooks host and last characters, of other addresses all but
 * what looks like a token.
 */
export function shownTarget({ type, target }: Pick<Channel, 'type' | 'target'>): string {
  if (!isWebAddress(target) || !URL.canParse(target) || target.includes('…')) return target;
  const { origin, pathname, searchParams } = new URL(target);
  if (type === 'slack') return `${origin}/…${target.slice(-SHOWN_CHARACTERS)}`;
  const path = pathname.split('/').map((part) => (part.length >= TOKEN_CHARACTERS ? '…' : part));
  const query = [...searchParams.keys()].map((name) => `${encodeURIComponent(name)}=…`);
  const shown = `${origin}${path.join('/')}${query.length === 0 ? '' : `?${query.join('&')}`}`;
  return shown.includes('…') ? shown : target;
}

const SHOWN_CHARACTERS = 4;
/** Names of paths are shorter, secrets in them longer. */
const TOKEN_CHARACTERS = 16;
