import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readEnvironment } from '../../config/environment.ts';
import { serviceEnvironment } from '../../local/environment.ts';
import { codeRows, read } from './pages.ts';

const ROOT = join(import.meta.dirname, '../..');
const ROOMS = ['activities', 'api', 'cli', 'config', 'gateways', 'kinds', 'local', 'store', 'worker'];
const NAME = '[A-Z][A-Z_]*[A-Z]';

const rows = codeRows(read('docs/configuration.md'));
const listed = rows.map(([name = '']) => name);

describe('docs/configuration.md agrees with the code', () => {
  test('no variable is listed twice', () => {
    expect(new Set(listed).size).toBe(listed.length);
  });

  test('every variable that the code reads is listed, and no other', () => {
    expect([...listed].sort()).toEqual([...variablesRead()].sort());
  });

  test('the defaults are those of the API and the workers', () => {
    const defaults = Object.entries(readEnvironment({})).map(([name, value]) => [name, `\`${value}\``]);
    const shown = new Map(rows.map(([name = '', value]) => [name, value]));
    expect(defaults.map(([name = '']) => [name, shown.get(name)])).toEqual(defaults);
  });

  test('a variable without a default has none in the table either', () => {
    const known = readEnvironment({}) as Record<string, unknown>;
    const wrong = declaredIn('config/environment.ts').filter(
      (name) => known[name] === undefined && rows.find(([listedName]) => listedName === name)?.[1] !== '–',
    );
    expect(wrong).toEqual([]);
  });

  test('the cache lies where the page says', () => {
    const [, shown = ''] = rows.find(([name]) => name === 'BURSAR_CACHE_DIR') ?? [];
    expect(serviceEnvironment({}).cacheDir.endsWith(shown.replaceAll('`', '').replace('~', ''))).toBe(true);
  });
});

/** Declared by the schema, taken by `read`, properties of the environment, filled in by Compose. */
function variablesRead(): Set<string> {
  const files = ROOMS.flatMap((room) =>
    readdirSync(join(ROOT, room), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => join(room, file)),
  );
  const names = files.flatMap((file) => {
    const used = new RegExp(
      String.raw`\b(?:environment|env|variables)\.(${NAME})\b|\bread\('(${NAME})'\)`,
      'g',
    );
    return [...read(file).matchAll(used)].map(([, property, argument]) => property ?? argument ?? '');
  });
  const compose = [...read('docker-compose.yml').matchAll(new RegExp(String.raw`\$\{(${NAME})\b`, 'g'))];
  return new Set([...names, ...declaredIn('config/environment.ts'), ...compose.map(([, name = '']) => name)]);
}

function declaredIn(file: string): string[] {
  return [...read(file).matchAll(new RegExp(`^  (${NAME}): `, 'gm'))].map(([, name = '']) => name);
}
