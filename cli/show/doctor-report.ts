import type { ServicesInspection } from '../../local/services.ts';
import type { ApiCheck } from '../reach-api.ts';
import type { InstallationCheck } from '../serve/installation.ts';
import { byteSize } from './format.ts';
import type { Output } from './output.ts';
import { tableLines } from './table.ts';

/** What `bursar doctor` looked at, for people. */
export function doctorLines(
  installation: InstallationCheck,
  services: ServicesInspection,
  api: ApiCheck,
  { style }: Output,
): string[] {
  const packages = installation.packages
    .map(({ name, version }) => `${name} ${version ?? 'missing'}`)
    .join(', ');
  const { data, cache } = services;
  const stored = data.exists ? byteSize(data.bytes) : 'not there yet';
  const entries = cache.entries.map(({ name, bytes, state }) => {
    return `${name} ${byteSize(bytes)} ${state.replace('_', ' ')}`;
  });
  const user = data.inUseBy === undefined ? '' : `, in use by process ${data.inUseBy.pid}`;
  return [
    style.bold('Installation'),
    `  Bursar ${installation.version}, Node ${installation.node} (${installation.platform})`,
    `  ${packages}`,
    style.bold('Servers'),
    ...services.services.flatMap((service) => serviceLines(service)),
    ...tableLines(
      [{ title: '  tool chain' }, { title: 'version' }, { title: 'where' }],
      services.toolchains.map(({ name, version, where, problem }) => [
        `  ${name}`,
        version ?? problem ?? '–',
        where ?? 'not found',
      ]),
    ),
    style.bold('Folders'),
    `  data   ${data.folder}: ${stored}${user}, ${byteSize(data.freeBytes)} free`,
    `  cache  ${cache.folder}: ${entries.join(', ') || 'empty'}`,
    style.bold('API'),
    ...apiLines(api),
  ];
}

function serviceLines({ service, wouldUse, ways }: ServicesInspection['services'][number]): string[] {
  const title = service === 'temporal' ? 'Temporal' : 'MongoDB';
  const used =
    wouldUse === undefined
      ? 'none'
      : [wouldUse.how, wouldUse.version, wouldUse.where ?? wouldUse.detail]
          .filter((part) => part !== undefined)
          .join(', ');
  return [
    `  ${title}: ${used}`,
    ...ways.map(({ how, result, detail, where }) => {
      return `    ${how.padEnd(11)} ${result.replace('_', ' ')}: ${detail || (where ?? '')}`;
    }),
  ];
}

function apiLines(api: ApiCheck): string[] {
  if (api.url === undefined)
    return ['  none runs here (bursar up starts one; other commands start what they need)'];
  if (api.status === undefined) return [`  ${api.url}: ${api.problem ?? 'does not answer'}`];
  const { version, organization, role, mongodb, temporal, workers } = api.status;
  const answers = (ok: boolean) => (ok ? 'answers' : 'does not answer');
  return [
    `  ${api.url}: version ${version}, organization ${organization}, role ${role}`,
    `  MongoDB ${answers(mongodb.ok)}, Temporal at ${temporal.address} ${answers(temporal.ok)}`,
    `  workers: ${workers ?? 'unknown'}`,
  ];
}
