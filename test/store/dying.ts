import type { OpenedStore } from './database.ts';

/**
 * Does work as if its process died at one of the moments at which a transaction begins or is about to be
 * committed: at the first of them after so many. @returns whether it came to that
 */
export async function dyingAfter(
  { connection }: OpenedStore,
  moments: number,
  work: () => Promise<unknown>,
): Promise<boolean> {
  const client = connection.getClient();
  const start = client.startSession.bind(client);
  let left = moments;
  const live = () => {
    left -= 1;
    if (left < 0) throw new Error('died');
  };
  client.startSession = (...options) => {
    live();
    const session = start(...options);
    const commit = session.commitTransaction.bind(session);
    session.commitTransaction = async () => {
      live();
      return commit();
    };
    return session;
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
