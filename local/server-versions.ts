/** The two servers that Bursar needs. */
export type Service = 'temporal' | 'mongodb';

/** Programs that can be such a server. `secantusd-rs` speaks MongoDB's wire protocol over WiredTiger. */
export type Engine = 'temporal' | 'mongod' | 'secantusd-rs';

export const SERVICES: readonly Service[] = ['temporal', 'mongodb'];

export const SERVICE_TITLES: Record<Service, string> = { temporal: 'Temporal', mongodb: 'MongoDB' };

/** In the order in which they are preferred. */
export const ENGINES: Record<Service, readonly Engine[]> = {
  temporal: ['temporal'],
  mongodb: ['mongod', 'secantusd-rs'],
};

/** The versions that Bursar downloads or builds; what stands on PATH may be another one. */
export const VERSIONS: Record<Engine, string> = {
  temporal: '1.5.1',
  mongod: '8.2.6',
  'secantusd-rs': '0.5.3-beta.196',
};

/** Transactions and `$percentile` as they are used here came with MongoDB 7. */
export const OLDEST_MONGOD_MAJOR = 7;

export const TEMPORAL_MODULE = 'github.com/temporalio/cli/cmd/temporal';
export const MONGODB_CRATE = 'secantus-mdb';

/** Official places of ready-made archives, each with SHA-256 sums beside them. */
export const TEMPORAL_DOWNLOADS = 'https://github.com/temporalio/cli/releases/download';
export const MONGODB_DOWNLOADS = 'https://fastdl.mongodb.org';
