type Send = <T = { id: string }>(
  method: string,
  path: string,
  body?: unknown,
) => Promise<{ status: number; body: T }>;

export const BACKFILL = { start: '2025-01-01T00:00:00Z', end: '2025-01-02T00:00:00Z' };
const EVERY_DAY = { cron: '0 0 * * *', kind: 'documentation' };
export const SCHEDULE = { ...EVERY_DAY, name: 'nothing', input: { projectId: 'prj_none' } };

/** Each route of schedules, once with success, and what contradicts the present state. */
export async function useScheduleRoutes(send: Send, projectId: string): Promise<void> {
  const input = { projectId, layers: ['summary'], select: ['stg_orders'] };
  // Its runs wait for money, so that one is there to stand in the way of the next.
  const options = { maxCostUsd: 1e-9 };
  const asked = { ...EVERY_DAY, name: 'daily', input, options };
  await send('POST', '/schedules', SCHEDULE);
  const { id } = (await send('POST', '/schedules', asked)).body;
  await send('POST', '/schedules', { ...asked, cron: '0 1 * * *' });
  const other = (await send('POST', '/schedules', { ...asked, name: 'other' })).body.id;
  await send('PATCH', `/schedules/${other}`, { name: 'daily' });
  await send('PATCH', `/schedules/${other}`, { name: 'another' });
  await send('GET', '/schedules');
  await send('GET', `/schedules/${id}`);
  for (const what of ['pause', 'resume']) await send('POST', `/schedules/${id}/${what}`);
  const { times } = (await send<{ times: { run: string }[] }>('POST', `/schedules/${id}/backfill`, BACKFILL))
    .body;
  await untilThere(send, times[0]?.run ?? '');
  await send('POST', `/schedules/${id}/trigger`);
  await send('POST', `/schedules/${other}/trigger`);
  for (const schedule of [id, other]) await send('DELETE', `/schedules/${schedule}`);
  for (const { run } of times) await send('POST', `/runs/${run}/cancel`);
}

async function untilThere(send: Send, run: string): Promise<void> {
  for (let left = 200; left > 0; left -= 1) {
    if ((await send('GET', `/runs/${run}`)).status === 200) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('the schedule has made no run');
}
