import { AppError, type ErrorCode } from '../../domain/errors.ts';

/**
 * How the offline provider misbehaves on purpose. `…Every: n` means the nth call, the 2nth and so on; 1 is
 * every call.
 */
export interface OfflineFaults {
  /** How long each call takes, in milliseconds; default 0. */
  latencyMs?: number;
  /** Answers 429; such a call takes no time. */
  rateLimitEvery?: number;
  /** What the 429 asks for, in milliseconds; default 1000. */
  retryAfterMs?: number;
  /** Fails with `failCode`. */
  failEvery?: number;
  /** The first n calls fail with `failCode`. */
  failFirst?: number;
  /** The object of this name always fails with `failCode`. */
  failObject?: string;
  /** Default `llm_unavailable`. */
  failCode?: ErrorCode;
  /** Answers with JSON that breaks off. */
  malformedEvery?: number;
  /** Answers with nothing. */
  emptyEvery?: number;
  /** Declines to answer. */
  refuseEvery?: number;
  /** Bills this many times the call's maximum of output tokens; at least 1. */
  overbillFactor?: number;
  /** 1: behaves like a provider without a key. */
  keyMissing?: number;
}

const MAX_MS = 3_600_000;
const MAX_COUNT = 1_000_000;

const FAIL_CODES: readonly ErrorCode[] = [
  'llm_unavailable',
  'llm_bad_request',
  'llm_refused',
  'llm_output_invalid',
  'llm_key_missing',
  'llm_key_rejected',
  'llm_model_unknown',
];

type Read = (value: string) => string | number | undefined;

const everyNth: [Read, string] = [whole(1, MAX_COUNT), `a whole number from 1 to ${MAX_COUNT}`];
const milliseconds: [Read, string] = [whole(0, MAX_MS), `whole milliseconds from 0 to ${MAX_MS}`];

/** How each option is read, and what would be right in words. */
const OPTIONS: Record<keyof OfflineFaults, [Read, string]> = {
  latencyMs: milliseconds,
  rateLimitEvery: everyNth,
  retryAfterMs: milliseconds,
  failEvery: everyNth,
  failFirst: [whole(0, MAX_COUNT), `a whole number from 0 to ${MAX_COUNT}`],
  failObject: [(value) => (value === '' ? undefined : value), 'the name of an object'],
  failCode: [(value) => FAIL_CODES.find((code) => code === value), `one of ${FAIL_CODES.join(', ')}`],
  malformedEvery: everyNth,
  emptyEvery: everyNth,
  refuseEvery: everyNth,
  overbillFactor: [factor, 'a number from 1 to 1000'],
  keyMissing: [whole(0, 1), '0 or 1'],
};

/**
 * Reads `latencyMs=50,rateLimitEvery=5`; '' gives no faults. Values are percent-decoded (`%2C` for a comma).
 * @throws AppError `llm_model_unknown` (the options are part of the model's name, and no other item would
 * fare better),   with the option, what is wrong and what would be right.
 */
export function parseFaults(options: string): OfflineFaults {
  const faults: Record<string, string | number> = {};
  for (const part of options === '' ? [] : options.split(',')) {
    const equals = part.indexOf('=');
    const name = equals < 0 ? part : part.slice(0, equals);
    if (!isOption(name)) {
      throw wrongOption(name, `the offline provider knows ${Object.keys(OPTIONS).join(', ')}`);
    }
    if (name in faults) throw wrongOption(name, 'it is given twice');
    const [read, expected] = OPTIONS[name];
    const value = equals < 0 ? undefined : read(decoded(part.slice(equals + 1)));
    if (value === undefined) throw wrongOption(name, `it takes ${expected}, as in ${name}=VALUE`);
    faults[name] = value;
  }
  return faults;
}

function isOption(name: string): name is keyof OfflineFaults {
  return Object.hasOwn(OPTIONS, name);
}

function wrongOption(name: string, problem: string): AppError {
  return new AppError(
    'llm_model_unknown',
    `The offline provider's option "${name}" is not valid: ${problem}.`,
    {
      details: [{ field: 'model', problem: `${name}: ${problem}` }],
    },
  );
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

function whole(least: number, most: number): Read {
  return (value) => {
    const number = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
    return number >= least && number <= most ? number : undefined;
  };
}

function factor(value: string): number | undefined {
  const number = /^\d{1,4}(\.\d{1,6})?$/.test(value) ? Number(value) : Number.NaN;
  return number >= 1 && number <= 1000 ? number : undefined;
}
