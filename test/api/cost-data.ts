/** Costs of jobs from elsewhere, with the days that they fall on. */
export const DAYS = ['2025-01-30', '2025-01-31', '2025-02-01', '2025-02-03'];

/** Odd amounts, so that a sum that is off by one nano-dollar shows. */
export const COSTS = DAYS.flatMap((day, at) =>
  ['ann', 'bob', 'cy'].flatMap((user, who) =>
    Array.from({ length: 5 }, (_, index) => ({
      id: `${day}-${user}-${index}`,
      scope: { team: who < 2 ? 'red' : 'blue', user, model: 'x/y' },
      costNanoUsd: 1_000_003 * (at + 1) + 7 * who + index,
      components: { cpu: 1_000_003 * (at + 1), memory: 7 * who + index },
      at: new Date(`${day}T12:00:0${index}Z`),
    })),
  ),
);
/** In nano-dollars. */
export const sumOf = (costs: { costNanoUsd: number }[]) =>
  costs.reduce((sum, each) => sum + each.costNanoUsd, 0);

export const nano = (usd: number) => Math.round(usd * 1e9);
