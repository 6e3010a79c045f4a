type Send = <T>(method: string, path: string, body?: unknown) => Promise<{ status: number; body: T }>;

/** Each route of holds, costs, audit log and ledger, once with success. */
export async function useMoneyRoutes(send: Send): Promise<void> {
  const { body } = await send<{ id: string }>('POST', '/holds', { scope: { team: 'a' }, amountUsd: 1 });
  await send('GET', '/holds');
  await send('GET', `/holds/${body.id}`);
  await send('POST', `/holds/${body.id}/entries`, { costUsd: 0.5 });
  await send('DELETE', `/holds/${body.id}`);
  const today = new Date().toISOString().slice(0, 10);
  await send('GET', '/costs/entries');
  await send('GET', `/costs/daily?start=${today}&end=${today}`);
  await send('GET', `/costs/history?start=${today}&end=${today}`);
  await send('GET', '/audit');
  await send('GET', '/ledger/check');
}
