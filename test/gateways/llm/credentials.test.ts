import { createCredentials } from '../../../gateways/llm/credentials.ts';
import { rejectionOf } from './request.ts';

const encryption = {
  open: (sealed: string, of: string) => {
    if (!sealed.startsWith(`${of}=`)) throw new Error('another key');
    return sealed.slice(of.length + 1);
  },
};
type Stored = { sealed?: string; baseUrl?: string };

function create(stored: Record<string, Stored>, more: { encryption?: typeof encryption } = { encryption }) {
  const clock = { now: 0, looks: 0 };
  const credentials = createCredentials({
    ...more,
    stored: async (org, provider) => {
      clock.looks += 1;
      return stored[`${org}:${provider}`];
    },
    environment: { openai: { apiKey: 'from-environment' } },
    organization: 'default',
    now: () => clock.now,
  });
  return { credentials, clock, stored };
}

test('the environment serves the default organization alone', async () => {
  const { credentials } = create({});
  expect(await credentials.of('default', 'openai')).toEqual({ apiKey: 'from-environment' });
  expect(await credentials.of('other', 'openai')).toEqual({});
  expect(await credentials.of('default', 'anthropic')).toEqual({});
});

test('what is stored counts in place of the environment, for its organization and provider', async () => {
  const { credentials } = create({
    'default:openai': { sealed: 'default:openai=k1', baseUrl: 'http://one' },
  });
  expect(await credentials.of('default', 'openai')).toEqual({ apiKey: 'k1', baseUrl: 'http://one' });
});

test('an address alone takes no key from the environment along: it is another server', async () => {
  const { credentials } = create({ 'default:openai': { baseUrl: 'http://one' } });
  expect(await credentials.of('default', 'openai')).toEqual({ baseUrl: 'http://one' });
});

test('a change counts within two seconds, and at once where it was made', async () => {
  const { credentials, clock, stored } = create({ 'a:openai': { sealed: 'a:openai=k1' } });
  await credentials.of('a', 'openai');
  stored['a:openai'] = { sealed: 'a:openai=k2' };
  clock.now = 1_999;
  expect(await credentials.of('a', 'openai')).toEqual({ apiKey: 'k1' });
  clock.now = 2_001;
  expect(await credentials.of('a', 'openai')).toEqual({ apiKey: 'k2' });
  stored['a:openai'] = { sealed: 'a:openai=k3' };
  credentials.forget('a', 'openai');
  expect(await credentials.of('a', 'openai')).toEqual({ apiKey: 'k3' });
  expect(clock.looks).toBe(3);
});

test('a key that cannot be read is an error that says why, and is looked for again', async () => {
  const unreadable = { 'a:openai': { sealed: 'b:openai=k1' } };
  for (const more of [{ encryption }, {}]) {
    const { credentials, clock } = create(unreadable, more);
    for (const look of [1, 2]) {
      const error = await rejectionOf(credentials.of('a', 'openai'));
      expect(error).toMatchObject({
        code: 'llm_key_missing',
        publicMessage: expect.stringContaining('BURSAR_ENCRYPTION_KEY'),
      });
      expect(clock.looks).toBe(look);
    }
  }
});
