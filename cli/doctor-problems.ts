import type { ServicesInspection } from '../local/services.ts';
import type { ApiCheck } from './reach-api.ts';
import type { InstallationCheck } from './serve/installation.ts';
import { byteSize } from './show/format.ts';

/** Something that is wrong, and how to mend it. */
interface Problem {
  what: string;
  mend: string;
  /** False: a nuisance, nothing that stops Bursar. */
  stops: boolean;
}

const LITTLE_SPACE_BYTES = 2_000_000_000;

/** All that is wrong, or may become so. */
export function findProblems(
  installation: InstallationCheck,
  services: ServicesInspection,
  api: ApiCheck,
): Problem[] {
  return [...installationProblems(installation), ...serviceProblems(services, api), ...apiProblems(api)];
}

function installationProblems({ nodeIsNewEnough, node, packages }: InstallationCheck): Problem[] {
  const missing = packages.filter(({ version }) => version === undefined).map(({ name }) => name);
  return [
    ...(nodeIsNewEnough
      ? []
      : [{ what: `Node ${node} is too old`, mend: 'Install Node 20.19 or newer.', stops: true }]),
    ...(missing.length === 0
      ? []
      : [{ what: `packages are missing: ${missing.join(', ')}`, mend: 'Run npm install.', stops: true }]),
  ];
}

function serviceProblems({ services, data, cache }: ServicesInspection, api: ApiCheck): Problem[] {
  // Whoever reaches a working API needs no servers of their own.
  const needed = api.status === undefined;
  const missing = services.filter(({ wouldUse }) => wouldUse === undefined);
  const unfinished = cache.entries.filter(({ state }) => state === 'half_finished');
  return [
    ...missing.map(({ service, ways }) => ({
      what: `no ${service} server can be had: ${whyNone(ways)}`,
      mend:
        service === 'temporal'
          ? 'Set TEMPORAL_ADDRESS, put temporal on PATH, allow the download, or install Go for a build.'
          : 'Set MONGODB_URI, put mongod on PATH, allow the download, or install Rust for a build.',
      stops: needed,
    })),
    ...(unfinished.length === 0
      ? []
      : [
          {
            what: `a download or build was not finished: ${unfinished.map(({ name }) => name).join(', ')}`,
            mend: `It is never used; remove it from ${cache.folder} to save space.`,
            stops: false,
          },
        ]),
    ...(data.freeBytes > LITTLE_SPACE_BYTES
      ? []
      : [
          {
            what: `only ${byteSize(data.freeBytes)} are free for ${data.folder}`,
            mend: 'Make room.',
            stops: false,
          },
        ]),
  ];
}

function whyNone(ways: ServicesInspection['services'][number]['ways']): string {
  return ways.map(({ how, detail }) => `${how}: ${detail}`).join('; ');
}

function apiProblems(api: ApiCheck): Problem[] {
  if (api.url === undefined) return [];
  if (api.status === undefined)
    return [
      {
        what: `${api.url}: ${api.problem ?? 'does not answer'}`,
        mend: api.mend ?? 'Start it with bursar up.',
        stops: api.named,
      },
    ];
  const { mongodb, temporal, workers } = api.status;
  return [
    ...(mongodb.ok
      ? []
      : [{ what: 'the API does not reach MongoDB', mend: 'Look at mongodb.log.', stops: true }]),
    ...(temporal.ok
      ? []
      : [{ what: 'the API does not reach Temporal', mend: 'Look at temporal.log.', stops: true }]),
    ...(temporal.ok && workers === 0
      ? [
          {
            what: 'no worker asks for work, so runs stand still',
            mend: 'Start one, or restart bursar up; look at worker.log.',
            stops: true,
          },
        ]
      : []),
  ];
}
