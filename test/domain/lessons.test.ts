import { collectLessons, type TaughtStep } from '../../domain/lessons.ts';

const taught = (more: Partial<TaughtStep> = {}): TaughtStep => ({
  step: 'summary',
  done: true,
  calls: 1,
  inputTokens: 100,
  cachedTokens: 0,
  outputTokens: 90,
  expectedTokens: 45,
  ...more,
});

function lessonsOf(steps: TaughtStep[]) {
  const lessons = collectLessons();
  for (const step of steps) lessons.add(step);
  return lessons.end();
}

test('a ratio is the output of one call over what was expected of it', () => {
  const [lesson] = lessonsOf([taught(), taught({ outputTokens: 45 })]);
  expect(lesson).toEqual({
    step: 'summary',
    ratios: [2, 1],
    meanRatio: 1.5,
    samples: 2,
    steps: 2,
    calls: 2,
    inputTokens: 200,
    cachedTokens: 0,
  });
});

test('a repaired step teaches the output of each of its calls, and counts the extra ones', () => {
  expect(lessonsOf([taught({ calls: 2, outputTokens: 180 })])).toMatchObject([
    { ratios: [2], steps: 1, calls: 2 },
  ]);
});

test('a failed step counts its calls, and teaches nothing of answers', () => {
  expect(lessonsOf([taught({ done: false, calls: 2 })])).toMatchObject([
    { ratios: [], samples: 0, meanRatio: 0, steps: 1, calls: 2 },
  ]);
});

test('a step that was never billed, or of which nothing was expected, teaches no ratio', () => {
  expect(lessonsOf([taught({ calls: 0 })])).toEqual([]);
  expect(lessonsOf([taught({ expectedTokens: undefined }), taught({ expectedTokens: 0 })])).toMatchObject([
    { ratios: [], samples: 0, steps: 2 },
  ]);
});

test('steps are told apart', () => {
  const lessons = lessonsOf([taught(), taught({ step: 'columns', cachedTokens: 60 }), taught()]);
  expect(lessons.map(({ step, samples, cachedTokens }) => [step, samples, cachedTokens])).toEqual([
    ['summary', 2, 0],
    ['columns', 1, 60],
  ]);
});

test.each([49, 50, 51, 99, 100, 101, 5_000])(
  'of %d results at most fifty are kept, from all parts of the run, and all count for the mean',
  (count) => {
    const steps = Array.from({ length: count }, (_, at) => taught({ outputTokens: 45 * at }));
    const [lesson] = lessonsOf(steps);
    const ratios = lesson?.ratios ?? [];
    expect(ratios).toHaveLength(Math.min(count, 50));
    expect(ratios[0]).toBe(0);
    expect(ratios.at(-1)).toBeGreaterThanOrEqual(count * 0.95 - 1);
    expect(ratios).toEqual([...new Set(ratios)].sort((a, b) => a - b));
    expect(lesson).toMatchObject({ samples: count, meanRatio: (count - 1) / 2 });
  },
);
