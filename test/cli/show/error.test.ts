import { errorLines, errorObject } from '../../../cli/show/error.ts';
import { AppError, invalidInput } from '../../../domain/errors.ts';

test('says an error in one line where its details say nothing new', () => {
  const error = invalidInput('/a/b.json is empty', [{ field: '/a/b.json', problem: 'is empty' }]);
  expect(errorLines(error, false)).toEqual(['error: /a/b.json is empty']);
});

test('adds details that are news, and bounds them', () => {
  const details = Array.from({ length: 25 }, (_, index) => ({
    field: `f${index}`,
    problem: 'must be a number',
  }));
  const lines = errorLines(invalidInput('the request is not valid', details), false);
  expect(lines).toHaveLength(22);
  expect(lines.slice(0, 2)).toEqual(['error: the request is not valid', '  f0: must be a number']);
  expect(lines.at(-1)).toBe('  and 5 more');
});

test('shows no stack unless asked for', () => {
  const error = new AppError('unexpected', 'Something went wrong.', { cause: new Error('deep') });
  expect(errorLines(error, false).join('\n')).not.toMatch(/ at /);
  expect(errorLines(error, true).join('\n')).toMatch(/deep[\s\S]* at /);
});

test('gives scripts a code', () => {
  expect(errorObject(new AppError('conflict', 'in use'))).toEqual({
    error: { code: 'conflict', message: 'in use' },
  });
  expect(errorObject(new TypeError('x is not a function')).error.code).toBe('unexpected');
});
