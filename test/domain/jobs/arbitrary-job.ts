import fc from 'fast-check';
import { given } from '../../../domain/given.ts';
import type { Job } from '../../../domain/jobs/job.ts';

/** Jobs are exported, and come in again, before this. */
export const NOW = new Date('2026-02-01T12:00:00Z');

const name = fc
  .oneof(fc.string({ maxLength: 12 }), fc.constantFrom('=1+1', "'=x", '-5', '+a', '@b', 'a,"b"', '＝1'))
  .map((text) => text.replace(/\p{C}/gu, '').trim())
  .filter((text) => text !== '' && text.toUpperCase() !== 'NULL');
const lowerName = name.map((text) => text.toLowerCase());
const perhaps = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const time = fc.date({ min: new Date('2000-01-01'), max: NOW, noInvalidDate: true });
const nano = fc.oneof(fc.integer({ min: 0, max: 2_000 }), fc.integer({ min: 0, max: 9e15 }));

/** Any job that can have come in. */
export const arbitraryJob = fc
  .record({
    id: name,
    team: name,
    model: name,
    provider: lowerName,
    gpuType: perhaps(lowerName),
    times: fc.oneof(
      fc.constant({ status: 'pending' as const }),
      time.map((startedAt) => ({ status: 'running' as const, startedAt })),
      time.map((startedAt) => ({ status: 'failed' as const, startedAt, endedAt: startedAt })),
      time.map((startedAt) => ({ status: 'completed' as const, startedAt, endedAt: NOW })),
    ),
    user: perhaps(name),
    queue: perhaps(name),
    kind: perhaps(name),
    gpuCount: perhaps(fc.constantFrom(1, 0.5, 1e-7, 999_999)),
    inputTokens: perhaps(fc.integer({ min: 0, max: 1e12 })),
    outputTokens: perhaps(fc.integer({ min: 0, max: 1e12 })),
    cost: fc.oneof(
      nano.map((costNanoUsd) => ({ costNanoUsd, costBasis: 'given' as const })),
      nano.map((costNanoUsd) => ({ costNanoUsd, costBasis: 'tokens' as const })),
      nano.map((cost) => ({ costNanoUsd: cost === 0 ? 0 : -cost, costBasis: 'credit' as const })),
      fc.constant({ costNanoUsd: 0, costBasis: 'none' as const }),
    ),
  })
  .map(({ times, cost, ...job }): Job => given({ ...job, ...times, ...cost }));
