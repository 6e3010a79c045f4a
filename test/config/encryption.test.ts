import { randomBytes } from 'node:crypto';
import { createEncryption } from '../../config/encryption.ts';

const key = randomBytes(32);

test('what is sealed opens with the same key for the same thing, and shows nothing of itself', () => {
  const encryption = createEncryption(key);
  const sealed = encryption.seal('sk-secret', 'one:openai');
  expect(Buffer.from(sealed, 'base64').toString('latin1')).not.toContain('sk-secret');
  expect(createEncryption(key).open(sealed, 'one:openai')).toBe('sk-secret');
  expect(encryption.seal('sk-secret', 'one:openai')).not.toBe(sealed);
});

test('it opens with no other key, for no other organization, and not once it was changed', () => {
  const encryption = createEncryption(key);
  const sealed = encryption.seal('sk-secret', 'one:openai');
  expect(() => createEncryption(randomBytes(32)).open(sealed, 'one:openai')).toThrow();
  expect(() => encryption.open(sealed, 'two:openai')).toThrow();
  const bytes = Buffer.from(sealed, 'base64');
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  expect(() => encryption.open(bytes.toString('base64'), 'one:openai')).toThrow();
});
