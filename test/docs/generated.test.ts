import { apiReference } from '../../docs/generate.ts';
import { read } from './pages.ts';

test('docs/api.md is what the routes say now (npm run docs writes it)', async () => {
  expect(read('docs/api.md')).toBe(await apiReference());
});

test('the reference names the role that a route needs', async () => {
  const reference = await apiReference();
  const roleOf = (route: string) =>
    new RegExp(`### ${route}\n\n.*Role: (\\w+)\\.`).exec(reference)?.[1] ?? 'not found';
  expect(roleOf('GET /api/v1/runs')).toBe('viewer');
  expect(roleOf('POST /api/v1/runs')).toBe('operator');
  expect(roleOf('POST /api/v1/keys')).toBe('admin');
});
