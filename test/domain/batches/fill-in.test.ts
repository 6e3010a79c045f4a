import { fillIn, withDefaults } from '../../../domain/batches/fill-in.ts';

const named = (variable: string) => `$\{${variable}}`;

describe('variables', () => {
  test('stand wherever a string names them, also several times and inside of others', () => {
    const asked = {
      select: [`tag:${named('tag')}`, named('tag')],
      deep: { text: `${named('a')}-${named(' b ')}` },
    };
    expect(fillIn(asked, { tag: 'daily', a: 'x', b: 2 })).toEqual({
      value: { select: ['tag:daily', 'daily'], deep: { text: 'x-2' } },
      missing: [],
    });
  });

  test('keep their type where a string is nothing else', () => {
    const asked = { concurrency: named('n'), skipExisting: named('yes'), n: 4, none: null };
    expect(fillIn(asked, { n: 8, yes: true }).value).toEqual({
      concurrency: 8,
      skipExisting: true,
      n: 4,
      none: null,
    });
  });

  test('that have no value are named with the field, each of them', () => {
    const asked = { input: { projectId: named('project'), select: ['a', `b${named('c')}`] } };
    expect(fillIn(asked, {}).missing).toEqual([
      { field: 'input.projectId', name: 'project' },
      { field: 'input.select.1', name: 'c' },
    ]);
    expect(fillIn(named('toString'), {}).missing).toEqual([{ field: '', name: 'toString' }]);
  });

  test('with another $ before stand for themselves, and a value is not read again', () => {
    expect(fillIn(`costs $${named('a')}`, { a: 'no' }).value).toBe(`costs ${named('a')}`);
    expect(fillIn(`x ${named('a')}`, { a: named('b') })).toEqual({ value: `x ${named('b')}`, missing: [] });
  });
});

test('what an item says goes over the defaults, field by field; lists go as a whole', () => {
  const defaults = {
    kind: 'documentation',
    input: { projectId: 'p', layers: ['summary', 'lineage'] },
    scope: { team: 'a' },
  };
  const own = { externalId: 'x', input: { layers: ['columns'] }, scope: { user: 'u' } };
  expect(withDefaults(defaults, own)).toEqual({
    kind: 'documentation',
    externalId: 'x',
    input: { projectId: 'p', layers: ['columns'] },
    scope: { team: 'a', user: 'u' },
  });
  expect(withDefaults(defaults, undefined)).toEqual(defaults);
});
