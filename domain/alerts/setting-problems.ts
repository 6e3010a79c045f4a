import type { ErrorDetail } from '../errors.ts';
import { type ChannelTerms, type ChannelType, MAX_RETRY_COUNT } from './channel.ts';
import { PLACEHOLDERS, unknownPlaceholders } from './template.ts';

/** Of a call to a webhook, in seconds. */
export const WEBHOOK_TIMEOUT = { least: 1, most: 60, usual: 10 };

/** What is wrong with a value; undefined where nothing is. */
type Check = (value: unknown) => string | undefined;

const text =
  (most: number, pattern?: RegExp, example?: string): Check =>
  (value) => {
    if (typeof value !== 'string' || value.length > most)
      return `must be a text of at most ${most} characters`;
    return pattern === undefined || pattern.test(value) ? undefined : `must be ${example}`;
  };

const wholeNumber =
  (least: number, most: number, unit = ''): Check =>
  (value) =>
    Number.isInteger(value) && Number(value) >= least && Number(value) <= most
      ? undefined
      : `must be a whole number${unit} from ${least} to ${most}`;

const template: Check = (value) => {
  const wrong = text(8_000)(value);
  if (wrong !== undefined) return wrong;
  const [unknown] = unknownPlaceholders(String(value));
  if (unknown === undefined) return undefined;
  const known = PLACEHOLDERS.map((name) => `{{${name}}}`).join(', ');
  return `names {{${unknown.slice(0, 100)}}}, which is not known: there are ${known}`;
};

const ONE_LINE = /^[^\r\n]*$/;
/** Headers that the call itself sets. */
const OWN_HEADER =
  /^(host|connection|content-\w+|transfer-encoding|te|trailer|upgrade|expect|webhook-\w+)\s*:/i;

export function namesOwnHeader(header: string): boolean {
  return OWN_HEADER.test(header);
}

const authHeader: Check = (value) => {
  const printable = /^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/;
  const example = 'printable characters: a value of Authorization, like `Bearer abc`, or `Name: value`';
  const wrong = text(1_000, printable, example)(value);
  return (
    wrong ?? (namesOwnHeader(String(value)) ? 'must not name a header that the call itself sets' : undefined)
  );
};

const SIGNING_SECRET = /^whsec_(?:[A-Za-z0-9+/]{4}){8,}(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** What the metadata of each type of channel may hold. */
const SETTINGS: Record<ChannelType, Record<string, Check>> = {
  email: { subject_prefix: text(100, ONE_LINE, 'one line'), template },
  slack: {
    channel: text(
      100,
      /^(#[\p{L}\p{N}._-]{1,80}|@[\w.-]{1,80}|[CDGU][A-Z0-9]{8,20})$/u,
      'a channel, like #ops',
    ),
    username: text(80, ONE_LINE, 'one line'),
    icon: text(500, /^(:[\w+'-]+:|https:\/\/\S+)$/, 'an emoji, like :moneybag:, or an https address'),
    bot_token: text(500, /^xox[\w.-]+$/, 'a token that begins with xox'),
  },
  webhook: {
    auth_header: authHeader,
    timeout: wholeNumber(WEBHOOK_TIMEOUT.least, WEBHOOK_TIMEOUT.most, ' of seconds'),
    retry_count: wholeNumber(0, MAX_RETRY_COUNT),
    secret: text(500, SIGNING_SECRET, 'whsec_ with 24 bytes or more in base64'),
  },
  log: {},
};

/** What is wrong with the settings of a channel's type; a secret is never repeated. */
export function settingProblems({ type, metadata }: Pick<ChannelTerms, 'type' | 'metadata'>): ErrorDetail[] {
  const checks = SETTINGS[type];
  return Object.entries(metadata).flatMap(([name, value]) => {
    const field = `metadata.${name}`;
    if (!Object.hasOwn(checks, name)) {
      const known = Object.keys(checks).join(', ') || 'no metadata';
      return [{ field, problem: `is not known: a channel of type ${type} has ${known}` }];
    }
    const problem = checks[name]?.(value);
    return problem === undefined ? [] : [{ field, problem }];
  });
}
