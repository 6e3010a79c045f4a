import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { channelEditOf, newChannelOf } from '../../cli/channel-options.ts';
import { createProgram } from '../../cli/program.ts';

const ask = async (what: string) => `typed ${what}`;
const folder = mkdtempSync(join(tmpdir(), 'bursar-template-'));
writeFileSync(join(folder, 'mail.txt'), 'Look: {{title}}');

test('a new channel has what was named', async () => {
  const options = { type: 'slack' as const, target: '-', event: ['anomaly'], quiet: '22:00-07:00' };
  expect(await newChannelOf('Ops', { ...options, set: ['username=A=B', 'timeout=5'] }, folder, ask)).toEqual({
    name: 'Ops',
    type: 'slack',
    target: 'typed Target',
    events: ['anomaly'],
    quietHours: { start: '22:00', end: '07:00', timeZone: 'UTC' },
    metadata: { username: 'A=B', timeout: 5 },
  });
});

test('an edit takes away what is named so, and reads secrets and templates from elsewhere', async () => {
  const options = { event: ['all'], quiet: false as const, fallback: false as const, template: 'mail.txt' };
  expect(await channelEditOf({ ...options, set: ['auth_header=-', 'username='] }, folder, ask)).toEqual({
    events: [],
    quietHours: null,
    fallback: null,
    metadata: { auth_header: 'typed auth_header', username: null, template: 'Look: {{title}}' },
  });
});

test.each([
  [{ set: ['secret=-', 'auth_header=-'] }, /only one value/],
  [{ set: ['username'] }, /NAME=VALUE/],
  [{ quiet: '22-7' }, /HH:MM-HH:MM/],
  [{ timeZone: 'UTC' }, /needs --quiet/],
  [{ template: 'none.txt' }, /cannot be read/],
])('refuses %j', async (options, message) => {
  await expect(channelEditOf(options, folder, ask)).rejects.toThrow(message);
});

test('an edit that names one option changes one thing', async () => {
  const parsed: unknown[] = [];
  const program = createProgram(async () => {});
  const edit = program.commands
    .find((each) => each.name() === 'channels')
    ?.commands.find((each) => each.name() === 'edit');
  edit?.action((_id: string, options: object) => void parsed.push(options));
  const given = ['--severity info', '--no-quiet', '--no-fallback', '--quiet 22:00-07:00', '--no-enabled'];
  for (const options of given)
    await program.parseAsync(['channels', 'edit', 'x', ...options.split(' ')], { from: 'user' });
  expect(parsed).toHaveLength(given.length);
  expect(parsed[0]).toEqual({ severity: 'info' });
});
