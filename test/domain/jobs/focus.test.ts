import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { fromHarmless } from '../../../domain/csv-text.ts';
import type { Mapping, Row } from '../../../domain/jobs/columns.ts';
import { createFocusLines, FOCUS_VERSIONS } from '../../../domain/jobs/focus-row.ts';
import { type DatedJob, dateOf, type Job } from '../../../domain/jobs/job.ts';
import { createFocusReader, type FocusProblem } from '../../../domain/jobs/read-focus.ts';
import { type FocusRow, focusProblems } from '../../support/focus-rules.ts';
import { testWithSharedData } from '../../support/shared-data.ts';
import { arbitraryJob, NOW } from './arbitrary-job.ts';

const PLAIN: Mapping = { columns: new Map(), constants: new Map() };
const hashOf = (text: string) => createHash('sha256').update(text).digest('hex');
const account = { org: 'acme', teamIdOf: (team: string) => `team_${hashOf(team).slice(0, 16)}` };
const dated = (job: Job): DatedJob => ({ ...job, at: dateOf(job, NOW), day: '2026-01-01' });

function fileOf(jobs: DatedJob[], version: '1.2' | '1.4') {
  const { head, lineOf } = createFocusLines(version, account);
  const rows = parse(head + jobs.map(lineOf).join(''), { columns: true }) as FocusRow[];
  return { head: head.trim().split(','), rows };
}
const readAll = (rows: readonly Row[], mapping = PLAIN) => {
  const read = createFocusReader(mapping, NOW, hashOf);
  return rows.map((row, at) => read(row, at + 1));
};
const JOB: DatedJob = dated({
  id: 'j1',
  team: 'ops',
  model: 'LLaMA',
  provider: 'aws',
  gpuType: 'a100',
  startedAt: new Date('2026-01-31T23:59:59.250Z'),
  endedAt: new Date('2026-02-01T01:30:00.001Z'),
  status: 'completed',
  gpuCount: 2,
  costNanoUsd: 1_500_000_001,
  costBasis: 'given',
});

describe.each(FOCUS_VERSIONS)('an export of FOCUS %s', (version) => {
  test('keeps to the rules of all mandatory columns, whatever the jobs', () => {
    fc.assert(
      fc.property(fc.array(arbitraryJob.map(dated), { maxLength: 5 }), (jobs) => {
        const { head, rows } = fileOf(jobs, version);
        expect(focusProblems(head, rows, version)).toEqual([]);
      }),
    );
  });

  test('comes in again as the jobs that it was made of', () => {
    fc.assert(
      fc.property(fc.array(arbitraryJob, { maxLength: 5 }), (jobs) => {
        const { rows } = fileOf(jobs.map(dated), version);
        const plain = rows.map((row) =>
          Object.fromEntries(Object.entries(row).map(([name, text]) => [name, fromHarmless(text)])),
        );
        expect(readAll(plain)).toEqual(jobs);
      }),
    );
  });
});

test('a charge has half-open periods of whole seconds, in the month in which it begins', () => {
  expect(fileOf([JOB], '1.2').rows[0]).toMatchObject({
    BilledCost: '1.500000001',
    BillingPeriodStart: '2026-01-01T00:00:00Z',
    BillingPeriodEnd: '2026-02-01T00:00:00Z',
    ChargePeriodStart: '2026-01-31T23:59:59Z',
    ChargePeriodEnd: '2026-02-01T01:30:01Z',
    ChargeCategory: 'Usage',
    PricingQuantity: '3.000417222',
    PricingUnit: 'GPU-Hours',
    ServiceCategory: 'AI and Machine Learning',
    x_StartTime: '2026-01-31T23:59:59.250Z',
  });
  const [empty] = fileOf([{ ...JOB, startedAt: NOW, endedAt: NOW }], '1.2').rows;
  expect(empty).toMatchObject({
    ChargePeriodStart: '2026-02-01T12:00:00Z',
    ChargePeriodEnd: '2026-02-01T12:00:01Z',
  });
});

test('the rules would find what is wrong', () => {
  const { head, rows } = fileOf([JOB], '1.2');
  const with_ = (change: object) =>
    focusProblems(head, [{ ...rows[0], ...change } as FocusRow], '1.2').length;
  expect(with_({})).toBe(0);
  const wrong = [
    { ProviderName: '' },
    { BilledCost: '1,5' },
    { ChargePeriodEnd: rows[0]?.ChargePeriodStart },
    { ChargePeriodStart: '2026-01-31 23:59:59' },
    { ChargeCategory: 'usage' },
    { PricingUnit: '' },
    { BillingPeriodStart: '2026-01-31T23:59:59.250Z' },
    { ListCost: '2' },
  ];
  expect(wrong.filter((change) => with_(change) === 0)).toEqual([]);
  expect(focusProblems(head.slice(1), [], '1.2')).toEqual(['BilledCost is missing']);
  expect(focusProblems(head, [], '1.4')).toHaveLength(6);
});

const CHARGE = {
  BilledCost: '0.0000000004',
  BillingCurrency: 'USD',
  ChargePeriodStart: '2026-01-05 10:00:00',
  ChargePeriodEnd: '2026-01-05 11:00:00',
  ProviderName: 'AWS',
  ServiceName: 'Amazon SageMaker',
  ServiceCategory: 'AI and Machine Learning',
  SubAccountName: 'NULL',
  SubAccountId: '4711',
};

describe('a charge of somebody else', () => {
  test('is a job of its sub account, its service and its provider', () => {
    expect(readAll([CHARGE])).toEqual([
      {
        id: expect.stringMatching(/^focus-[0-9a-f]{32}$/),
        team: '4711',
        model: 'Amazon SageMaker',
        provider: 'aws',
        kind: 'AI and Machine Learning',
        status: 'completed',
        startedAt: new Date('2026-01-05T10:00:00Z'),
        endedAt: new Date('2026-01-05T11:00:00Z'),
        costNanoUsd: 0,
        costBasis: 'given',
      },
    ]);
  });

  test('is kept however often it stands in the file, each under an id that stays', () => {
    const three = readAll([CHARGE, CHARGE, { ...CHARGE, BilledCost: '-2' }]) as Job[];
    expect(new Set(three.map(({ id }) => id)).size).toBe(3);
    expect(three.map(({ costNanoUsd }) => costNanoUsd)).toEqual([0, 1, -2_000_000_000]);
    expect(three.map(({ costBasis }) => costBasis)).toEqual(['given', 'given', 'credit']);
    const turned = Object.fromEntries(Object.entries({ ...CHARGE, Tags: '' }).reverse());
    expect(readAll([turned])).toEqual(three.slice(0, 1));
  });

  test('whose period is still open goes on', () => {
    const [job] = readAll([{ ...CHARGE, ChargePeriodEnd: '2026-03-01T00:00:00Z' }]) as Job[];
    expect(job).toMatchObject({ status: 'running' });
    expect(job?.endedAt).toBeUndefined();
  });

  test('takes its fields from other columns, where they are mapped', () => {
    const mapping = { columns: new Map([['team_name', 'Unit'] as const]), constants: new Map() };
    expect(readAll([{ ...CHARGE, Unit: 'sales' }], mapping)).toMatchObject([{ team: 'sales' }]);
  });

  test.each([
    [{ BilledCost: 'NULL' }, 'BilledCost', 'is missing'],
    [{ BilledCost: '' }, 'BilledCost', 'is missing'],
    [{ BilledCost: '1,5' }, 'BilledCost', 'is 1,5'],
    [{ BillingCurrency: 'EUR' }, 'BillingCurrency', 'is EUR; only USD is understood'],
    [{ BillingCurrency: '' }, 'BillingCurrency', 'is missing'],
    [{ ChargePeriodEnd: '2026-01-05 09:00:00' }, 'ChargePeriodEnd', 'lies before start_time'],
    [{ ChargePeriodStart: 'soon' }, 'ChargePeriodStart', 'must be a time'],
    [{ ServiceName: 'NULL' }, 'ServiceName', 'is missing'],
  ])('with %j is refused, naming %s', (change, field, problem) => {
    const [problems] = readAll([{ ...CHARGE, ...change }]) as FocusProblem[][];
    expect(problems).toEqual([{ field, problem: expect.stringContaining(problem) }]);
  });
});

testWithSharedData(
  'the costs of a file whose rows lie below a nano-dollar add up to its sum',
  'focus_1.0_sample.csv',
  (path) => {
    const rows = parse(readFileSync(path), { columns: true, bom: true }) as Row[];
    const jobs = readAll(rows) as Job[];
    expect(jobs.filter((job) => Array.isArray(job))).toEqual([]);
    expect(new Set(jobs.map(({ id }) => id)).size).toBe(1_000);
    expect(jobs.reduce((sum, { costNanoUsd }) => sum + costNanoUsd, 0)).toBe(20_520_226_729);
    expect(jobs.filter(({ costBasis }) => costBasis === 'credit')).toHaveLength(13);
    expect(readAll(rows)).toEqual(jobs);
  },
);
