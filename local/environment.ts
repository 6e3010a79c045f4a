import { homedir } from 'node:os';
import { join } from 'node:path';
import { MONGODB_DOWNLOADS, TEMPORAL_DOWNLOADS } from './server-versions.ts';

/** What decides where the servers come from. */
export interface ServiceEnvironment {
  /** `host:port` of a Temporal server that is used instead of an own one. */
  temporalAddress?: string;
  mongoUri?: string;
  /** Folders that are searched for servers and tool chains, as in the variable PATH. */
  path: string;
  /** Where downloaded and built servers are kept; shared by all projects of a user. */
  cacheDir: string;
  /** Base URLs of the archives; for mirrors and tests. */
  temporalDownloadUrl: string;
  mongodbDownloadUrl: string;
  /** A download that sends nothing for so long is given up. */
  downloadStallMs: number;
  /** False: only what is there already is used. */
  mayDownload: boolean;
  mayBuild: boolean;
}

const DOWNLOAD_STALL_MS = 20_000;

/**
 * Reads TEMPORAL_ADDRESS, MONGODB_URI, PATH, BURSAR_CACHE_DIR, BURSAR_TEMPORAL_DOWNLOAD_URL,
 * BURSAR_MONGODB_DOWNLOAD_URL, BURSAR_NO_DOWNLOAD and BURSAR_NO_BUILD. An empty variable counts as not set.
 */
export function serviceEnvironment(variables: NodeJS.ProcessEnv): ServiceEnvironment {
  const read = (name: string) => (variables[name] === '' ? undefined : variables[name]);
  const temporalAddress = read('TEMPORAL_ADDRESS');
  const mongoUri = read('MONGODB_URI');
  return {
    ...(temporalAddress === undefined ? {} : { temporalAddress }),
    ...(mongoUri === undefined ? {} : { mongoUri }),
    path: read('PATH') ?? '',
    cacheDir: read('BURSAR_CACHE_DIR') ?? join(homedir(), '.cache', 'bursar'),
    temporalDownloadUrl: read('BURSAR_TEMPORAL_DOWNLOAD_URL') ?? TEMPORAL_DOWNLOADS,
    mongodbDownloadUrl: read('BURSAR_MONGODB_DOWNLOAD_URL') ?? MONGODB_DOWNLOADS,
    downloadStallMs: DOWNLOAD_STALL_MS,
    mayDownload: read('BURSAR_NO_DOWNLOAD') === undefined,
    mayBuild: read('BURSAR_NO_BUILD') === undefined,
  };
}
