import { Client, Connection } from '@temporalio/client';
import { AppError } from '../domain/errors.ts';
import type { Environment } from './environment.ts';

/**
 * A client of the Temporal server.
 * @throws AppError `services_unavailable` where it cannot be reached in time.
 */
export async function connectTemporal(
  environment: Pick<Environment, 'TEMPORAL_ADDRESS' | 'TEMPORAL_NAMESPACE'>,
): Promise<Client> {
  const { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace } = environment;
  try {
    const connection = await Connection.connect({ address, connectTimeout: '15 seconds' });
    return new Client({ connection, namespace });
  } catch (cause) {
    const message = `Temporal could not be reached at ${address}; see \`bursar doctor\`.`;
    throw new AppError('services_unavailable', message, { cause });
  }
}
