import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readEnvironment } from '../../config/environment.ts';
import { firstCostModel } from '../../domain/costing/cost-model.ts';

function folderWith(yaml: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'bursar-config-'));
  mkdirSync(join(folder, 'config'));
  writeFileSync(join(folder, 'config/bursar.yaml'), yaml);
  return folder;
}

test('each key of the file counts where the environment says nothing', () => {
  const folder = folderWith(
    'flushInterval: 5m\ndefaultOrganization: acme\ndebug: true\ncostModel:\n  weights: {cpuSecond: 0.0002}\n',
  );
  const environment = readEnvironment({}, folder);
  expect(environment).toMatchObject({
    BURSAR_FLUSH_INTERVAL: 300_000,
    BURSAR_DEFAULT_ORGANIZATION: 'acme',
    BURSAR_DEBUG: true,
  });
  const { weights } = firstCostModel(environment.BURSAR_COST_MODEL);
  expect([weights.cpuSecond, weights.base]).toEqual([0.0002, 0.001]);
  expect(readEnvironment({ BURSAR_FLUSH_INTERVAL: '250ms' }, folder).BURSAR_FLUSH_INTERVAL).toBe(250);
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
