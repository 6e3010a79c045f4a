import { ingestionProgress } from '../../../domain/jobs/ingestion.ts';

const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1) + seconds * 1000);

test('a file is all done only when its last row is, and its pace is that of the rows that are done', () => {
  const running = { rows: 500, total: 2_000, state: 'running' as const, startedAt: at(0), movedAt: at(10) };
  const pace = { rowsPerSecond: 50, etaSeconds: 30 };
  expect(ingestionProgress(running)).toEqual({ rows: 500, total: 2_000, percent: 25, ...pace });
  expect(ingestionProgress({ ...running, rows: 1_999 })).toMatchObject({ percent: 99.9, etaSeconds: 1 });
  const ended = ingestionProgress({ ...running, rows: 2_000, state: 'completed' });
  expect(ended).toMatchObject({ percent: 100, rowsPerSecond: 200, etaSeconds: null });
});

test('of a file that is on its way nothing is done, and of one that waits nothing is foretold', () => {
  const arriving = { rows: 0, total: 0, state: 'receiving' as const, movedAt: at(0) };
  const none = { percent: 0, rowsPerSecond: null, etaSeconds: null };
  expect(ingestionProgress(arriving)).toMatchObject(none);
  expect(ingestionProgress({ ...arriving, total: 9, state: 'queued' })).toMatchObject(none);
});
