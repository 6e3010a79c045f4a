import { isRecord } from './artifact.ts';

/** Settings of a test that do not say what it tests. */
const SETTINGS = new Set([
  'model',
  'column_name',
  'config',
  'name',
  'description',
  'tags',
  'meta',
  'where',
  'limit',
  'severity',
  'warn_if',
  'error_if',
  'fail_calc',
  'store_failures',
  'store_failures_as',
  'enabled',
  'quote',
  'arguments',
  'test_name',
]);

const MAX_NAME_LENGTH = 200;

/**
 * A test as people would name it: `unique`, `accepted_values(a, b)`, `relationships(orders.id)`,
 * `unique_combination_of_columns(a, b)`, `accepted_range(min_value: 0, max_value: 9)`. At most 200
 * characters.
 */
export function testName(name: string, options: Record<string, unknown>): string {
  const nested = options.arguments;
  const all = isRecord(nested) ? { ...options, ...nested } : options;
  const plainName = name.split('.').at(-1) ?? name;
  const text = argumentText(plainName, all);
  const full = text === '' ? plainName : `${plainName}(${text})`;
  return full.length <= MAX_NAME_LENGTH ? full : `${full.slice(0, MAX_NAME_LENGTH - 2)}…)`;
}

/** A test as it stands in a yml file: a name, or a name with options. Undefined where it is neither. */
export function testNameOfEntry(entry: string | Record<string, unknown>): string | undefined {
  if (typeof entry === 'string') return testName(entry, {});
  if (typeof entry.test_name === 'string') return testName(entry.test_name, entry);
  const [first] = Object.entries(entry).filter(([key]) => !SETTINGS.has(key));
  if (first === undefined) return undefined;
  const [name, options] = first;
  return testName(name, isRecord(options) ? options : {});
}

function argumentText(name: string, options: Record<string, unknown>): string {
  if (name === 'relationships' && typeof options.to === 'string') {
    return `${target(options.to)}.${valueText(options.field)}`;
  }
  const shown = Object.entries(options).filter(([key, value]) => !SETTINGS.has(key) && value !== null);
  if (shown.length === 1) return valueText(shown[0]?.[1]);
  return shown.map(([key, value]) => `${key}: ${valueText(value)}`).join(', ');
}

/** `ref('orders')` as `orders`, `source('shop', 'raw')` as `shop.raw`. */
function target(to: string): string {
  const names = [...to.matchAll(/'([^']*)'|"([^"]*)"/g)].map((match) => match[1] ?? match[2] ?? '');
  if (names.length === 0) return to;
  return /\bsource\s*\(/.test(to) ? names.join('.') : (names.at(-1) ?? to);
}

/** Lists without brackets at the top; anything deeper as JSON, cut by the length of the whole name. */
function valueText(value: unknown): string {
  if (Array.isArray(value))
    return value.map((one) => (isRecord(one) ? shortJson(one) : String(one))).join(', ');
  return isRecord(value) ? shortJson(value) : String(value ?? '');
}

function shortJson(value: unknown): string {
  try {
    return JSON.stringify(value).slice(0, MAX_NAME_LENGTH);
  } catch {
    // Nested too deeply to be written, so too deeply to be read.
    return '…';
  }
}
