import type { OpenedStore } from './database.ts';

/** Does work as if its process died before the transaction after so many. @returns whether it came to that */
export async function dyingAfter(
  { connection }: OpenedStore,
  transactions: number,
  work: () => Promise<unknown>,
): Promise<boolean> {
  const client = connection.getClient();
  const start = client.startSession.bind(client);
  let left = transactions;
  client.startSession = (...options) => {
    left -= 1;
    if (left < 0) throw new Error('died');
    return start(...options);
  };
  try {
    await work();
    return false;
  } catch (error) {
    expect((error as Error).message).toBe('died');
    return true;
  } finally {
    client.startSession = start;
  }
}
