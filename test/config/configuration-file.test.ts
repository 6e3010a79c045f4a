import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newChannelSchema } from '../../api/channel-schemas.ts';
import { readEnvironment } from '../../config/environment.ts';
import { notificationChannels } from '../../config/notification-channels.ts';
import { notifySettings, presetChannelsOf } from '../../config/notify.ts';
import { retentionOf } from '../../config/retention.ts';
import { firstCostModel } from '../../domain/costing/cost-model.ts';

function folderWith(yaml: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'bursar-config-'));
  mkdirSync(join(folder, 'config'));
  writeFileSync(join(folder, 'config/bursar.yaml'), yaml);
  return folder;
}

test('each key of the file counts where the environment says nothing', () => {
  const folder = folderWith(
    'flushInterval: 5m\nretentionDays: 90\ndefaultOrganization: acme\ndebug: true\n' +
      'costModel:\n  weights: {cpuSecond: 0.0002}\n',
  );
  const environment = readEnvironment({}, folder);
  expect(environment).toMatchObject({
    BURSAR_FLUSH_INTERVAL: 300_000,
    BURSAR_RETENTION_DAYS: 90,
    BURSAR_DEFAULT_ORGANIZATION: 'acme',
    BURSAR_DEBUG: true,
  });
  const { weights } = firstCostModel(environment.BURSAR_COST_MODEL);
  expect([weights.cpuSecond, weights.base]).toEqual([0.0002, 0.001]);
  expect(readEnvironment({ BURSAR_FLUSH_INTERVAL: '250ms' }, folder).BURSAR_FLUSH_INTERVAL).toBe(250);
});

test('the mail server may stand in the file; its password may come from the environment', () => {
  const folder = folderWith(
    'smtp: {host: mail.example.com, port: 2525, user: bursar, from: b@example.com}\n',
  );
  const environment = readEnvironment({ SMTP_PASS: 'secret', SMTP_PORT: '465' }, folder);
  expect(notifySettings(environment).smtp).toEqual({
    ...{ host: 'mail.example.com', port: 465, user: 'bursar', password: 'secret', from: 'b@example.com' },
  });
  expect(() => readEnvironment({}, folderWith('smtp: {hots: x}\n'))).toThrow(/smtp/);
});

test('says for how many days jobs, alerts and the audit log are kept', () => {
  const daysOf = (...from: Parameters<typeof readEnvironment>) =>
    retentionOf(readEnvironment(...from)).retention;
  const folder = folderWith('retention: {jobs: 730, auditLog: 1825}\n');
  expect(daysOf({}, folder)).toEqual({ jobs: 730, audit_log: 1825 });
  const variables = { BURSAR_RETENTION_JOBS_DAYS: '90', BURSAR_RETENTION_ALERTS_DAYS: '30' };
  const both = { jobs: 90, alerts: 30, audit_log: 1825 };
  expect(daysOf(variables, folder)).toEqual(both);
  expect(daysOf({})).toEqual({});
  expect(() => readEnvironment({ BURSAR_RETENTION_JOBS_DAYS: '29' })).toThrow(/BURSAR_RETENTION_JOBS_DAYS/);
  expect(() => readEnvironment({}, folderWith('retention: {jobs: 1}\n'))).toThrow(/BURSAR_RETENTION_JOBS/);
  expect(() => readEnvironment({}, folderWith('retention: {entries: 90}\n'))).toThrow(/entries/);
});

test('without a file the defaults count, and an empty file changes nothing', () => {
  const empty = mkdtempSync(join(tmpdir(), 'bursar-config-'));
  expect(readEnvironment({}, empty)).toEqual(readEnvironment({}, folderWith('')));
});

test.each([
  ['flushIntervall: 1s\n', /flushIntervall: is not a known key|flushIntervall: is not a known field/],
  ['flushInterval: [1\n', /is no YAML/],
  ['flushInterval: soon\n', /BURSAR_FLUSH_INTERVAL: must be a time such as 1s/],
  ['costModel: {weights: {cpuSecond: -1}}\n', /BURSAR_COST_MODEL\.weights\.cpuSecond/],
  ['debug: perhaps\n', /debug/],
])('refuses %j and names the key', (yaml, message) => {
  expect(() => readEnvironment({}, folderWith(yaml))).toThrow(message);
});

test('a file that is named and not there is an error', () => {
  expect(() => readEnvironment({ BURSAR_CONFIG: 'nowhere.yaml' }, tmpdir())).toThrow(/cannot be read/);
});

test('notificationChannels take the fields of POST /channels, with the same defaults', () => {
  const given = { name: 'Log of all', type: 'log', quietHours: { start: '22:00', end: '07:00' } };
  const environment = readEnvironment({}, folderWith(`notificationChannels: [${JSON.stringify(given)}]\n`));
  const [channel] = presetChannelsOf(environment);
  expect(channel).toEqual({
    ...newChannelSchema.parse(given),
    id: 'chn_config_log_of_all',
    org: 'default',
    source: 'configuration',
  });
  expect(Object.keys(newChannelSchema.shape)).toEqual(Object.keys(notificationChannels.in.element.shape));
});

test.each([
  ['notificationChannels: [{name: a, type: pigeon}]\n', /BURSAR_NOTIFICATION_CHANNELS\.0\.type/],
  ['notificationChannels: [{name: a, type: log, colour: red}]\n', /BURSAR_NOTIFICATION_CHANNELS\.0\.colour/],
  ['notificationChannels: [{name: a, type: email, target: x}]\n', /notificationChannels\.0\.target: must be/],
])('refuses %j and names the place', (yaml, message) => {
  expect(() => presetChannelsOf(readEnvironment({}, folderWith(yaml)))).toThrow(message);
});
