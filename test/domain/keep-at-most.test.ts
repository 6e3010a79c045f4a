import { keepAtMost } from '../../domain/keep-at-most.ts';

test('what was put in first goes, and a value put in again costs no other one its place', () => {
  const kept = new Map<string, number>();
  for (const [key, value] of [
    ['a', 1],
    ['b', 2],
    ['b', 3],
    ['c', 4],
  ] as const)
    keepAtMost(2, kept, key, value);
  expect([...kept]).toEqual([
    ['b', 3],
    ['c', 4],
  ]);
});
