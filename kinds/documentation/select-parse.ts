import { type AppError, invalidInput } from '../../domain/errors.ts';

const METHODS = ['fqn', 'tag', 'path', 'file', 'package', 'source', 'config', 'resource_type'] as const;
export type Method = (typeof METHODS)[number];

const MAX_EXPRESSIONS = 1000;
const MAX_EXPRESSION_LENGTH = 1000;

/** One criterion, e.g. `2+tag:nightly+1`. Depths: undefined = not at all, Infinity = all the way. */
export interface Criterion {
  written: string;
  method: Method;
  /** After the method's dot: `materialized` in `config.materialized:view`. */
  argument: string;
  value: string;
  parentDepth?: number;
  childDepth?: number;
  /** `@model`: the model, all that reads it, and all that those read. */
  withChildrensParents: boolean;
}

/** Criteria that must all hold, as separated by commas. */
export interface Expression {
  written: string;
  criteria: Criterion[];
}

const CRITERION = new RegExp(
  String.raw`^(?<at>@)?(?:(?<parents>\d*)(?<up>\+))?` +
    String.raw`(?:(?<method>[\w.]+):)?(?<value>.*?)(?:(?<down>\+)(?<children>\d*))?$`,
  's',
);

/**
 * Parses dbt's `--select` arguments: entries, and words within an entry, are alternatives; commas within a
 * word mean that all must hold. Source: dbt's documentation, "Node selection: syntax overview, methods,
 * graph and set operators".
 * @throws AppError `invalid_input` for an unknown method, or operators that exclude each other
 */
export function parseSelection(entries: string[], field: string): Expression[] {
  const words = entries.flatMap((entry) => entry.split(/\s+/)).filter((word) => word !== '');
  if (words.length > MAX_EXPRESSIONS) throw wrong(field, `holds over ${MAX_EXPRESSIONS} expressions`);
  return words.map((written) => {
    if (written.length > MAX_EXPRESSION_LENGTH) {
      throw wrong(field, `an expression is over ${MAX_EXPRESSION_LENGTH} characters long`);
    }
    const criteria = written.split(',').map((criterion) => parseCriterion(criterion, written, field));
    return { written, criteria };
  });
}

function parseCriterion(written: string, whole: string, field: string): Criterion {
  const groups = CRITERION.exec(written)?.groups ?? {};
  const value = groups.value ?? '';
  if (value === '') throw wrong(field, `"${whole}" names nothing to select`);
  const withChildrensParents = groups.at !== undefined;
  if (withChildrensParents && groups.down !== undefined) {
    throw wrong(field, `"${written}": "@" in front and "+" behind exclude each other`);
  }
  const [method, ...argument] = (groups.method ?? defaultMethod(value)).split('.');
  if (!isMethod(method)) {
    throw wrong(
      field,
      `"${written}": "${method}" is not a method that is supported; use one of ${METHODS.join(', ')}`,
    );
  }
  return {
    written,
    method,
    argument: argument.join('.'),
    value,
    ...(groups.up === undefined ? {} : { parentDepth: depth(groups.parents) }),
    ...(groups.down === undefined ? {} : { childDepth: depth(groups.children) }),
    withChildrensParents,
  };
}

/**
 * dbt's guess where no method is written: a path has a slash, a file an extension, anything else is a name.
 */
function defaultMethod(value: string): Method {
  if (/[/\\]/.test(value)) return 'path';
  return /\.(sql|py|csv)$/i.test(value) ? 'file' : 'fqn';
}

function isMethod(name: string | undefined): name is Method {
  return METHODS.some((method) => method === name);
}

function depth(digits: string | undefined): number {
  return digits === undefined || digits === '' ? Number.POSITIVE_INFINITY : Number(digits);
}

export function wrong(field: string, problem: string): AppError {
  return invalidInput(`${field}: ${problem}`, [{ field, problem }]);
}
