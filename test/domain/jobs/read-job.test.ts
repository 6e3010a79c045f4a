import { describe, expect, test } from '@jest/globals';
import { type Mapping, readPairs } from '../../../domain/jobs/columns.ts';
import { readJob } from '../../../domain/jobs/read-job.ts';

const NOW = new Date('2026-02-01T12:00:00Z');
const PLAIN: Mapping = { columns: new Map(), constants: new Map() };
const ROW = {
  job_id: 'j1',
  team_name: 'ml-research',
  model_name: 'LLaMA',
  provider: 'AWS',
  gpu_type: 'A100',
  start_time: '2026-01-02T10:00:00Z',
  end_time: '2026-01-02T12:00:00Z',
  status: 'Succeeded',
  cost_usd: '12.5',
};
const read = (change: object, mapping = PLAIN) => readJob({ ...ROW, ...change }, 7, mapping, NOW);

describe('a row', () => {
  test('is a job: provider, GPU type and status in lower case, cost in nano-dollars', () => {
    expect(read({})).toEqual({
      id: 'j1',
      team: 'ml-research',
      model: 'LLaMA',
      provider: 'aws',
      gpuType: 'a100',
      startedAt: new Date('2026-01-02T10:00:00Z'),
      endedAt: new Date('2026-01-02T12:00:00Z'),
      status: 'completed',
      costNanoUsd: 12_500_000_000,
      costBasis: 'given',
    });
  });

  test.each([
    ['2023-11-16 18:17:03.9799600', '2023-11-16T18:17:03.979Z'],
    ['2023-11-16', '2023-11-16T00:00:00.000Z'],
    ['2023-11-16T18:17+01:00', '2023-11-16T17:17:00.000Z'],
    ['2023-11-16T18:17:03+0530', '2023-11-16T12:47:03.000Z'],
  ])('understands the time %s', (text, expected) => {
    expect(read({ start_time: text })).toMatchObject({ startedAt: new Date(expected) });
  });

  test('may lack its start only while it is pending', () => {
    expect(read({ start_time: '', status: 'Pending' })).toMatchObject({ status: 'pending', id: 'j1' });
    expect(read({ start_time: '' })).toEqual([
      { field: 'start_time', problem: 'is missing; only a pending job may lack it' },
    ]);
  });

  test.each([
    [{ job_id: ' ' }, 'job_id', 'is missing'],
    [{ end_time: '2026-01-02T09:59:59Z' }, 'end_time', 'lies before start_time'],
    [{ end_time: '2026-02-03T12:00:00Z' }, 'end_time', 'lies in the future'],
    [{ start_time: '2026-02-30' }, 'start_time', 'must be a time'],
    [{ start_time: 'NaN' }, 'start_time', 'must be a time'],
    [{ start_time: '0001-01-01' }, 'start_time', 'before 1990'],
    [{ status: 'lost' }, 'status', 'is lost, which is not known'],
    [{ cost_usd: 'NaN' }, 'cost_usd', 'must be a number from 0'],
    [{ cost_usd: '-1' }, 'cost_usd', 'must be a number from 0'],
    [{ cost_usd: 'Infinity' }, 'cost_usd', 'must be a number from 0'],
    [{ cost_usd: '=1+1' }, 'cost_usd', 'must be a number from 0'],
    [{ cost_usd: '9000000.01' }, 'cost_usd', 'must be a number from 0'],
    [{ cost_usd: '0x10' }, 'cost_usd', 'must be a number from 0'],
    [{ input_tokens: '1.5' }, 'input_tokens', 'whole number'],
    [{ team_name: { a: 1 } }, 'team_name', 'must be a text'],
    [{ team_name: 'x'.repeat(201) }, 'team_name', 'it may have 200'],
    [{ team_name: 'a\u0000b' }, 'team_name', 'control characters'],
  ])('with %j is refused, naming %s', (change, field, problem) => {
    expect(read(change)).toEqual([{ field, problem: expect.stringContaining(problem) }]);
  });

  test('tells all its problems at once', () => {
    expect(read({ provider: '', cost_usd: 'x', status: '?' })).toHaveLength(3);
  });
});

describe('a mapping', () => {
  const pairs = (text: string) => readPairs(text) as Mapping['columns'];
  test('renames columns, sets constants where a row says nothing, and counts times from an epoch', () => {
    const mapping: Mapping = {
      columns: pairs('job_id=@row,start_time=begun,end_time=ended'),
      constants: pairs('provider=gcp,team_name=ops'),
      epoch: { from: new Date('2026-01-01T00:00:00Z'), unitMs: 1_000 },
    };
    const row = { begun: '3600', ended: 7200, provider: '', team_name: 'own' };
    expect(readJob({ ...ROW, ...row }, 7, mapping, NOW)).toMatchObject({
      id: '7',
      provider: 'gcp',
      team: 'own',
      startedAt: new Date('2026-01-01T01:00:00Z'),
      endedAt: new Date('2026-01-01T02:00:00Z'),
    });
  });

  test.each([
    ['job_id', '"job_id" must be column=value'],
    ['=x', '"=x" must be column=value'],
    ['name=x', 'name is no column of jobs; they are: job_id, team_name'],
    ['user=a,user=b', 'user is named twice'],
  ])('written as %s is refused', (text, problem) => {
    expect(readPairs(text)).toContain(problem);
  });

  test('reads no field that an object has from elsewhere', () => {
    const mapping = { ...PLAIN, columns: pairs('team_name=constructor') };
    expect(read({}, mapping)).toEqual([{ field: 'team_name', problem: 'is missing' }]);
  });
});
