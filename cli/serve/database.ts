import { mongoEngineOf, openDataFolder } from '../../local/data-folder.ts';
import { runMongo } from '../../local/own-services.ts';
import type { Report } from '../../local/progress.ts';
import type { ServiceEnvironment } from '../../local/services.ts';

/** MongoDB alone: what an estimate needs. */
export interface Database {
  mongoUri: string;
  dataFolder: string;
  temporaryFolder?: string;
  stop(): Promise<void>;
}

export interface DatabaseOptions {
  dataDir: string;
  ephemeral: boolean;
  environment: ServiceEnvironment;
  report: Report;
  signal: AbortSignal;
}

const USUAL_PORT = 27017;

/**
 * Starts MongoDB without Temporal; a database that the environment names is taken as it is. @throws as
 * `startServices`.
 */
export async function startDatabase(options: DatabaseOptions): Promise<Database> {
  const { dataDir, ephemeral, environment, report, signal } = options;
  if (environment.mongoUri !== undefined) {
    return { mongoUri: environment.mongoUri, dataFolder: dataDir, stop: () => Promise.resolve() };
  }
  const folder = await openDataFolder(dataDir, ephemeral);
  const mongoEngine = mongoEngineOf(folder.path);
  try {
    const mongo = await runMongo({
      folder,
      environment,
      report,
      signal,
      ports: ephemeral ? {} : { mongodb: USUAL_PORT },
      headless: true,
      respawn: false,
      onExit: () => {},
      ...(mongoEngine === undefined ? {} : { mongoEngine }),
    });
    const pid = mongo.pid();
    folder.recordChildren(pid === undefined ? [] : [pid]);
    return {
      mongoUri: mongo.address,
      dataFolder: folder.path,
      ...(folder.temporaryFolder === undefined ? {} : { temporaryFolder: folder.temporaryFolder }),
      async stop() {
        await mongo.stop();
        folder.close();
      },
    };
  } catch (error) {
    folder.close();
    throw error;
  }
}
