import { count, messageOf, type RunFacts } from '../../domain/message.ts';
import { NO_PROGRESS } from '../../domain/progress.ts';
import { RUN_STATES, WAIT_REASONS } from '../../domain/run.ts';

const run = (facts: Partial<RunFacts>): RunFacts => ({
  state: 'running',
  pauseRequested: false,
  cancelRequested: false,
  counters: { ...NO_PROGRESS, total: 69, done: 10, reused: 2, failed: 1, costNanoUsd: 31_000_000 },
  ...facts,
});
const ended = '12 of 69 objects, 2 reused, 1 failed, $0.031';
const progress = `${ended} so far`;

describe('messageOf', () => {
  test.each([
    ['queued', 'queued'],
    ['planning', 'finding the objects and their order'],
    ['estimating', 'estimating 69 objects'],
    ['running', progress],
    ['waiting', `waits; ${progress}`],
    ['pausing', `pausing: ${progress}`],
    ['paused', `paused: ${progress}`],
    ['cancelling', `cancelling: ${progress}`],
    ['completed', `completed: ${ended}`],
    ['completed_with_errors', `completed with errors: ${ended}`],
    ['failed', `failed: unknown (${ended})`],
    ['cancelled', `cancelled: ${ended}`],
    ['rejected', `rejected: ${ended}`],
  ] as const)('of a run that is %s', (state, message) => {
    expect(messageOf(run({ state }))).toBe(message);
  });

  test('covers every state in one line', () => {
    for (const state of RUN_STATES) expect(messageOf(run({ state }))).toMatch(/^[^\n]{3,300}$/);
  });

  test.each(WAIT_REASONS)('says why a run waits: %s', (waitReason) => {
    const message = messageOf(run({ state: 'waiting', waitReason }));
    expect(message).toMatch(/^waits (for|because) .*; 12 of 69/);
    expect(message).not.toContain('_');
  });

  test('says until when a run waits', () => {
    const waitingUntil = new Date('2026-01-02T03:04:05Z');
    const message = messageOf(run({ state: 'waiting', waitReason: 'rate_limit', waitingUntil }));
    expect(message).toContain('until 2026-01-02T03:04:05.000Z; ');
  });

  test('says why a run failed', () => {
    const failure = { code: 'llm_key_missing', message: 'no key is set', fingerprint: 'x' };
    expect(messageOf(run({ state: 'failed', failure }))).toBe(`failed: no key is set (${ended})`);
  });

  test('shows an asked-for pause and cancel at once', () => {
    expect(messageOf(run({ pauseRequested: true }))).toMatch(/^pausing/);
    expect(messageOf(run({ cancelRequested: true, pauseRequested: true }))).toMatch(/^cancelling/);
  });

  test('leaves out what did not happen, and knows one from many', () => {
    const counters = { ...NO_PROGRESS, total: 1 };
    expect(messageOf(run({ counters }))).toBe('0 of 1 object, $0.00 so far');
    expect(messageOf(run({ state: 'estimating', counters }))).toBe('estimating 1 object');
    expect([0, 1, 2].map((amount) => count(amount, 'object'))).toEqual([
      '0 objects',
      '1 object',
      '2 objects',
    ]);
  });
});
