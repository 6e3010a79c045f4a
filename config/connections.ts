import mongoose, { type Connection as MongoConnection } from 'mongoose';
import { AppError } from '../domain/errors.ts';

/**
 * Connects to MongoDB. Writes are acknowledged once they are on disk: money and results must survive kill -9.
 * @throws AppError `services_unavailable` where it cannot be reached in time.
 */
export async function connectMongo(
  uri: string,
  options: { poolSize?: number } = {},
): Promise<MongoConnection> {
  const connection = mongoose.createConnection(uri, {
    maxPoolSize: options.poolSize ?? 50,
    serverSelectionTimeoutMS: 15_000,
    writeConcern: { w: 'majority', journal: true },
    ...(hasDatabase(uri) ? {} : { dbName: 'bursar' }),
  });
  try {
    return await connection.asPromise();
  } catch (cause) {
    throw new AppError('services_unavailable', 'MongoDB could not be reached; see `bursar doctor`.', {
      cause,
    });
  }
}

function hasDatabase(uri: string): boolean {
  return /^mongodb(\+srv)?:\/\/[^/]+\/[^?]+/.test(uri);
}
