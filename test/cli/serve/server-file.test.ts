import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readServerRecord, writeServerRecord } from '../../../cli/serve/server-file.ts';
import { scratchFolder } from '../run-bursar.ts';

const folder = scratchFolder();
const facts = { command: 'up', apiUrl: 'http://127.0.0.1:3000', keyFile: '/a/admin-key' };

test('is found while its process lives, is readable by the owner only, and goes away', () => {
  const record = writeServerRecord(folder, facts);
  expect(readServerRecord(folder)).toMatchObject({ ...facts, pid: process.pid });
  expect(statSync(join(folder, 'server.json')).mode & 0o777).toBe(0o600);
  record.remove();
  expect(readServerRecord(folder)).toBeUndefined();
});

test('of a process that died counts as none, also when its id was given to another', () => {
  writeServerRecord(folder, facts);
  const path = join(folder, 'server.json');
  const written = JSON.parse(readFileSync(path, 'utf8')) as object;
  writeFileSync(path, JSON.stringify({ ...written, processStartedAt: 'before' }));
  expect(readServerRecord(folder)).toBeUndefined();
  writeFileSync(path, '{"pid": 1');
  expect(readServerRecord(folder)).toBeUndefined();
});
