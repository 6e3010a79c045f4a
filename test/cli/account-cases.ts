import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { EMAIL } from '../api/account-client.ts';
import { runBursar, scratchFolder } from './run-bursar.ts';

/** Of an API with its first admin. */
export function describeAccountCommands(given: () => { url: string; password: string }): void {
  describe('the command line', () => {
    const folder = scratchFolder();
    const run = (...args: string[]) => runWith({}, ...args);
    const runWith = async (more: Record<string, string>, ...args: string[]) => {
      const { url, password } = given();
      const variables = { BURSAR_PASSWORD: password, BURSAR_URL: url, XDG_CONFIG_HOME: folder, ...more };
      const { code, stdout, stderr } = await runBursar(folder, ['--json', ...args], variables);
      return { code, said: JSON.parse(stdout) as never, stderr };
    };

    test('signs in, invites, makes and rotates keys, and signs out', async () => {
      const signedIn = await run('login', '--email', EMAIL);
      expect(signedIn).toMatchObject({ code: 0, said: { email: EMAIL, apiUrl: given().url } });
      const file = join(folder, 'bursar', 'tokens.json');
      expect(statSync(file).mode & 0o777).toBe(0o600);
      expect(readFileSync(file, 'utf8')).not.toContain(given().password);
      expect(await run('whoami')).toMatchObject({ code: 0, said: { email: EMAIL, via: 'person' } });
      const [invited, made] = await Promise.all([
        run('people', 'invite', 'cli@example.com', '--role', 'viewer'),
        run('keys', 'create', 'ci', '--scope', 'jobs:write', 'budgets:read', '--role', 'viewer'),
      ]);
      expect(invited).toMatchObject({
        code: 0,
        said: { email: 'cli@example.com', token: expect.any(String) },
      });
      const [people, rotated, keys] = await Promise.all([
        run('people', 'list'),
        run('keys', 'rotate', (made.said as { id: string }).id, '--grace', '60'),
        run('keys', 'list'),
      ]);
      expect(people).toMatchObject({ said: { invitations: [{ email: 'cli@example.com' }] } });
      expect(rotated).toMatchObject({ code: 0, said: { id: (made.said as { id: string }).id, name: 'ci' } });
      expect(keys).toMatchObject({ said: { keys: [{ scope: ['jobs:write', 'budgets:read'] }, {}] } });
      expect(await run('logout')).toMatchObject({ code: 0, said: { wasSignedIn: true } });
      const mine = {
        BURSAR_INVITATION: (invited.said as { token: string }).token,
        BURSAR_PASSWORD: 'one of their own choice',
      };
      const joined = await runWith(mine, 'login', '--invitation');
      expect(joined).toMatchObject({ code: 0, said: { email: 'cli@example.com' } });
      expect(await run('logout')).toMatchObject({ code: 0 });
      expect(await run('whoami')).toMatchObject({ code: 1, said: { error: { code: 'not_authenticated' } } });
    }, 60_000);
  });
}
