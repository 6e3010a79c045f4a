type Send = <T = { id: string }>(
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
) => Promise<{ status: number; body: T }>;

export const CHANNEL = { name: 'to the log', type: 'log' };
/** Set by `CHANNEL_ENVIRONMENT`, so that nobody can change it here. */
const PRESET = '/channels/chn_env_admin_email';
export const CHANNEL_ENVIRONMENT = { ADMIN_EMAIL: 'admin@example.com' };

/** Each route of channels, once with success, and what contradicts the present state. */
export async function useChannelRoutes(send: Send): Promise<void> {
  const key = { 'idempotency-key': 'channel-1' };
  const { id } = (await send('POST', '/channels', CHANNEL, key)).body;
  await send('POST', '/channels', { ...CHANNEL, name: 'another' }, key);
  await send('GET', '/channels');
  await send('GET', `/channels/${id}`);
  await send('PATCH', `/channels/${id}`, { digest: 'daily' });
  await send('POST', `/channels/${id}/test`);
  await send('PATCH', PRESET, { digest: 'daily' });
  await send('DELETE', PRESET);
  await send('DELETE', `/channels/${id}`);
}
