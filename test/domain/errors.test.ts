import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError, asAppError, ERRORS, type ErrorCode, invalidInput } from '../../domain/errors.ts';

const PAGE = join(import.meta.dirname, '../../docs/errors.md');
const CODES = Object.keys(ERRORS) as ErrorCode[];

describe('the table of errors', () => {
  test('has the same codes as docs/errors.md', () => {
    const rows = readFileSync(PAGE, 'utf8').matchAll(/^\|\s*`([a-z_]+)`\s*\|/gm);
    expect(Array.from(rows, ([, code]) => code).toSorted()).toEqual(CODES.toSorted());
  });

  test('explains each code in a sentence', () => {
    for (const explanation of Object.values(ERRORS)) expect(explanation).toMatch(/^[A-Z].{10,}\.$/);
  });

  test('no error both ends the run and is tried again', () => {
    for (const code of CODES) {
      const error = new AppError(code, 'x');
      expect([code, error.fatal && error.retryable]).toEqual([code, false]);
    }
  });

  test('a missing key or an unknown model ends the run; a provider that is down is tried again', () => {
    expect(CODES.filter((code) => new AppError(code, 'x').fatal).toSorted()).toEqual([
      'llm_key_missing',
      'llm_key_rejected',
      'llm_model_unknown',
      'price_unknown',
    ]);
    expect(CODES.filter((code) => new AppError(code, 'x').retryable).toSorted()).toEqual([
      'llm_unavailable',
      'services_unavailable',
    ]);
  });
});

describe('AppError', () => {
  test('carries code, public message, details and cause', () => {
    const cause = new Error('secret');
    const error = new AppError('not_found', 'there is no run x', { cause, details: [{ problem: 'p' }] });
    expect(error).toMatchObject({ code: 'not_found', publicMessage: 'there is no run x', cause });
    expect(error.details).toEqual([{ problem: 'p' }]);
    expect(error.message).toBe('not_found: there is no run x');
  });

  test('whatever else is thrown becomes unexpected, and its text stays in the cause', () => {
    const thrown = new TypeError('password=hunter2');
    const error = asAppError(thrown);
    expect(error).toMatchObject({ code: 'unexpected', cause: thrown });
    expect(error.publicMessage).not.toContain('hunter2');
    const known = invalidInput('x', [{ field: 'a', problem: 'b' }]);
    expect(asAppError(known)).toBe(known);
    expect(asAppError(undefined).code).toBe('unexpected');
  });
});
