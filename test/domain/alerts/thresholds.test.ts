import { marksOf, sharesToTell, type Told } from '../../../domain/alerts/thresholds.ts';

const alertAt = [0.5, 0.75, 0.9, 1];

/** Spends step by step, or sets another amount. @returns what was told at each step, as share of amount. */
function story(steps: { spent?: number; whole?: number; alertAt?: number[] }[]): string[][] {
  let [told, now]: [Told, { spent: number; whole: number; alertAt: number[] }] = [
    {},
    { spent: 0, whole: 100, alertAt },
  ];
  return steps.map((step) => {
    now = { ...now, ...step };
    const shares = sharesToTell({ ...now, told });
    told = { ...told, ...marksOf(now) };
    return shares.map((share) => `${share} of ${now.whole}`);
  });
}

test('a share is told when spending reaches it to the nano-dollar, and once', () => {
  expect(story([{ spent: 49 }, { spent: 50 }, { spent: 60 }, { spent: 74 }, { spent: 75 }])).toEqual([
    [],
    ['0.5 of 100'],
    [],
    [],
    ['0.75 of 100'],
  ]);
});

test('several are told at once where spending jumps over them', () => {
  expect(story([{ spent: 95 }, { spent: 100 }])).toEqual([
    ['0.5 of 100', '0.75 of 100', '0.9 of 100'],
    ['1 of 100'],
  ]);
});

test('a larger amount repeats nothing that spending had passed, and tells what it reaches anew', () => {
  expect(story([{ spent: 60 }, { whole: 101 }, { whole: 200 }, { spent: 99 }, { spent: 100 }])).toEqual([
    ['0.5 of 100'],
    [],
    [],
    [],
    ['0.5 of 200'],
  ]);
});

test('a smaller amount tells what it makes true, and not the half of it again', () => {
  expect(story([{ spent: 60 }, { whole: 65 }, { whole: 60 }, { whole: 100 }, { spent: 75 }])).toEqual([
    ['0.5 of 100'],
    ['0.75 of 65', '0.9 of 65'],
    ['1 of 60'],
    [],
    ['0.75 of 100'],
  ]);
});

test('a share that is set below what was told of a higher one is no news', () => {
  expect(story([{ spent: 80 }, { alertAt: [0.6, 0.75] }, { alertAt: [0.5, 0.78] }])).toEqual([
    ['0.5 of 100', '0.75 of 100'],
    [],
    ['0.78 of 100'],
  ]);
});

test('nothing spent is nothing to tell; of an amount of nothing the first cent is', () => {
  expect(story([{ spent: 0, whole: 0 }, { spent: 1 }, { spent: 2 }])).toEqual([
    [],
    ['0.5 of 0', '0.75 of 0', '0.9 of 0', '1 of 0'],
    [],
  ]);
});
