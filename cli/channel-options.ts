import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ChannelType } from '../domain/alerts/channel.ts';
import type { Severity } from '../domain/alerts/notice.ts';
import { invalidInput } from '../domain/errors.ts';
import type { ChannelEdit, NewChannel } from './client/channels.ts';

/** What can be said of a channel. */
export interface ChannelOptions {
  name?: string;
  target?: string;
  event?: string[];
  severity?: Severity;
  digest?: 'off' | 'hourly' | 'daily';
  maxPerHour?: number;
  /** `22:00-07:00` */
  quiet?: string | false;
  timeZone?: string;
  fallback?: string | false;
  template?: string;
  /** `name=value`; the value of `name=-` comes from standard input, `name=` takes away. */
  set?: string[];
  enabled?: boolean;
}

export interface NewChannelOptions extends ChannelOptions {
  type: ChannelType;
}

/** Reads what must not stand among the arguments, once. */
type AskSecret = (what: string) => Promise<string>;

const NUMBERS = new Set(['timeout', 'retry_count']);

/** What `channels add` sends. @throws AppError `invalid_input` */
export async function newChannelOf(
  name: string,
  { type, ...options }: NewChannelOptions,
  directory: string,
  ask: AskSecret,
): Promise<NewChannel> {
  return { ...(await channelEditOf(options, directory, ask)), name, type } as NewChannel;
}

/** What `channels edit` sends: only what was named. @throws AppError `invalid_input` */
export async function channelEditOf(
  options: ChannelOptions,
  directory: string,
  ask: AskSecret,
): Promise<ChannelEdit> {
  const { name, event, severity, digest, maxPerHour, fallback, enabled } = options;
  const hidden = [options.target, ...(options.set ?? []).map(valueIn)].filter((value) => value === '-');
  if (hidden.length > 1) throw invalidInput('only one value can come from standard input (-)');
  const target = options.target === '-' ? await ask('Target') : options.target;
  const metadata = await metadataOf(options, directory, ask);
  return {
    ...(name !== undefined && { name }),
    ...(target !== undefined && { target }),
    ...(event !== undefined && { events: event.filter((each) => each !== 'all') }),
    ...(severity !== undefined && { minimumSeverity: severity }),
    ...(digest !== undefined && { digest }),
    ...(maxPerHour !== undefined && { maximumPerHour: maxPerHour }),
    ...(fallback !== undefined && { fallback: fallback === false ? null : fallback }),
    ...quietOf(options),
    ...(Object.keys(metadata).length > 0 && { metadata }),
    ...(enabled !== undefined && { enabled }),
  };
}

function quietOf({ quiet, timeZone }: ChannelOptions) {
  if (quiet === false) return { quietHours: null };
  if (quiet === undefined && timeZone !== undefined)
    throw invalidInput('--time-zone needs --quiet, e.g. 22:00-07:00');
  if (quiet === undefined) return {};
  const [, start, end] = /^(\d\d:\d\d)-(\d\d:\d\d)$/.exec(quiet) ?? [];
  if (start === undefined || end === undefined)
    throw invalidInput(`--quiet ${quiet} is not HH:MM-HH:MM, e.g. 22:00-07:00`);
  return { quietHours: { start, end, timeZone: timeZone ?? 'UTC' } };
}

async function metadataOf({ set = [], template }: ChannelOptions, directory: string, ask: AskSecret) {
  const metadata: Record<string, unknown> = {};
  for (const text of set) {
    const name = text.slice(0, Math.max(0, text.indexOf('=')));
    if (name === '') throw invalidInput(`--set ${text} is not NAME=VALUE, e.g. username=Bursar`);
    const value = valueIn(text);
    const given = value === '-' ? await ask(name) : value;
    metadata[name] = given === '' ? null : NUMBERS.has(name) ? Number(given) : given;
  }
  if (template === undefined) return metadata;
  try {
    return { ...metadata, template: readFileSync(resolve(directory, template), 'utf8') };
  } catch {
    throw invalidInput(`--template ${template} is a file that cannot be read`);
  }
}

function valueIn(text: string): string {
  return text.slice(text.indexOf('=') + 1);
}
