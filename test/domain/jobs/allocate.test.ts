import { allocate, type Share } from '../../../domain/jobs/allocate.ts';

function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 16_807) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/** From one job to many, with weights that are equal, tiny, huge and none. */
function randomCase(seed: number): { amount: number; shares: Share[] } {
  const random = createRandom(seed);
  const count = 1 + Math.floor(random() ** 3 * 300);
  const most = 10 ** (1 + Math.floor(random() * 15));
  const weight = () => (random() < 0.1 ? 0n : BigInt(1 + Math.floor(random() ** 4 * most)));
  const shares = Array.from({ length: count }, (_, index) => ({ id: `job-${index}`, weight: weight() }));
  return { amount: Math.floor(random() ** 3 * 9e15), shares };
}

test('in 1,000 random cases the parts add up to the amount, and none is a nano-dollar off its share', () => {
  for (let seed = 1; seed <= 1_000; seed += 1) {
    const { amount, shares } = randomCase(seed * 7_919);
    const total = shares.reduce((sum, { weight }) => sum + weight, 0n);
    const parts = allocate(amount, shares);
    const sum = [...parts.values()].reduce((all, part) => all + BigInt(part), 0n);
    expect([seed, sum]).toEqual([seed, total === 0n ? 0n : BigInt(amount)]);
    for (const { id, weight } of total === 0n ? [] : shares) {
      const part = BigInt(parts.get(id) ?? 0);
      const off = part * total - BigInt(amount) * weight;
      expect([seed, id, off < total && off > -total]).toEqual([seed, id, true]);
    }
  }
});

test('the order of the jobs does not matter', () => {
  for (let seed = 1; seed <= 100; seed += 1) {
    const { amount, shares } = randomCase(seed * 104_729);
    const one = [...allocate(amount, shares)].sort();
    expect([...allocate(amount, shares.toReversed())].sort()).toEqual(one);
  }
});

test('what cannot be split goes to those who lost most by rounding, of equal ones to the lower id', () => {
  const thirds = ['c', 'a', 'b'].map((id) => ({ id, weight: 1n }));
  expect([...allocate(100, thirds)].sort()).toEqual([
    ['a', 34],
    ['b', 33],
    ['c', 33],
  ]);
  const unequal = [
    { id: 'a', weight: 1n },
    { id: 'b', weight: 2n },
  ];
  expect([...allocate(1, unequal)]).toEqual([
    ['a', 0],
    ['b', 1],
  ]);
});
