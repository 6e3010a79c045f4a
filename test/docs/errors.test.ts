import { STATUS_OF } from '../../api/errors.ts';
import { ERRORS } from '../../domain/errors.ts';
import { codeRows, read } from './pages.ts';

test('docs/errors.md lists exactly the codes that there are, with their meaning and status', () => {
  const listed = codeRows(read('docs/errors.md')).map(([code, meaning, , status]) => [code, meaning, status]);
  const known = Object.entries(ERRORS).map(([code, meaning]) => [
    code,
    meaning,
    String(STATUS_OF[code as keyof typeof ERRORS]),
  ]);
  expect(listed).toEqual(known);
});

test('docs/errors.md says for every code what to do', () => {
  const silent = codeRows(read('docs/errors.md')).filter(([, , advice = '']) => advice.length < 10);
  expect(silent).toEqual([]);
});
