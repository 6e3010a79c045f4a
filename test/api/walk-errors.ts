import { createClient } from '../support/bursar.ts';
import { bodyOf, type Operation } from './operations.ts';

/** What an operation answered, e.g. `GET /runs/{id} 404`. */
type Saw = (operation: Operation, status: number) => void;

const UNKNOWN: Record<string, string> = {
  provider: 'openai',
  label: 'S9',
  object: 'model.a.b',
  version: '9',
};
/** Longer than any id may be. */
const TOO_LONG = 'x'.repeat(500);

function pathOf({ template }: Operation, fill: (name: string) => string): string {
  return template.replaceAll(/\{(\w+)\}/g, (_, name: string) => fill(name));
}

/**
 * Asks every operation in the ways that go wrong for all alike: without a key, with the key of a viewer, for
 * what is not there, and with a request that is not valid.
 */
export async function walkErrors(
  url: string,
  keys: { admin: string; viewer: string },
  operations: Operation[],
  saw: Saw,
): Promise<void> {
  const [nobody, viewer, admin] = ['', keys.viewer, keys.admin].map((key) => createClient(url, key));
  for (const operation of operations) {
    const { method, responses } = operation;
    const unknown = pathOf(operation, (name) => UNKNOWN[name] ?? 'none-of-that-id');
    const ask = async (client: typeof admin, path: string, body?: unknown) =>
      saw(operation, (await client?.send(method, path, body))?.status ?? 0);
    await ask(nobody, unknown, bodyOf(operation));
    if (responses.includes('403')) await ask(viewer, unknown, bodyOf(operation));
    if (responses.includes('404') && unknown.includes('none')) await ask(admin, unknown, bodyOf(operation));
    if (!responses.includes('400')) continue;
    await ask(admin, `${unknown}?no-such-parameter=1`);
    if (operation.template.includes('{'))
      await ask(
        admin,
        pathOf(operation, () => TOO_LONG),
        bodyOf(operation),
      );
    if (method === 'GET') continue;
    await ask(admin, unknown, { 'no such field': 1 });
    const form = { method, headers: { 'x-api-key': keys.admin, 'content-type': 'text/plain' }, body: 'x' };
    saw(operation, (await fetch(`${url}/api/v1${unknown}`, form)).status);
  }
}
