import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SHOP } from '../support/shop.ts';
import { runBursar, scratchFolder } from './run-bursar.ts';

const LIMIT_MS = 120_000;
const folder = scratchFolder();
const resultOf = (stdout: string) => {
  expect(stdout.trimEnd().split('\n')).toHaveLength(1);
  return JSON.parse(stdout) as Record<string, unknown>;
};

test(
  'documents a manifest with services of its own and leaves only the pages',
  async () => {
    const args = [
      'document',
      SHOP.manifest,
      '--catalog',
      SHOP.catalog,
      '--out',
      'docs',
      '--yes',
      '--json',
      '--ephemeral',
    ];
    const { code, stdout } = await runBursar(folder, args);
    expect(code).toBe(0);
    expect(resultOf(stdout)).toMatchObject({
      state: 'completed',
      total: 15,
      processed: 15,
      failed: 0,
      calls: 90,
      out: join(folder, 'docs'),
      errors: [],
      drift: expect.arrayContaining([
        expect.objectContaining({ object: 'order_summary', column: 'shipping_cost_usd' }),
      ]),
    });
    expect(readFileSync(join(folder, 'docs/index.md'), 'utf8')).toContain('revenue_forecast');
    expect(readdirSync(folder)).toEqual(['docs']);
  },
  LIMIT_MS,
);

test(
  'estimates without Temporal, and a second try finds what the first one stored',
  async () => {
    const here = join(folder, 'dry');
    mkdirSync(here);
    const dry = await runBursar(here, ['document', SHOP.manifest, '--dry-run', '--json']);
    expect(dry.code).toBe(0);
    expect(resultOf(dry.stdout)).toMatchObject({ items: 15, calls: 90, basis: 'cold' });
    expect(existsSync(join(here, '.bursar/temporal.db'))).toBe(false);
    const projects = await runBursar(here, ['projects', 'list', '--json']);
    expect(resultOf(projects.stdout)).toMatchObject({ projects: [{ name: 'shop', revision: 1 }] });
  },
  LIMIT_MS,
);

test(
  'refuses what only a closer look shows, names the user’s file, and leaves no data folder behind',
  async () => {
    const here = join(folder, 'refused');
    mkdirSync(here);
    copyFileSync(SHOP.manifest, join(here, 'old.json'));
    const text = readFileSync(join(here, 'old.json'), 'utf8').replace(
      /manifest\/v\d+\.json/,
      'manifest/v99.json',
    );
    writeFileSync(join(here, 'old.json'), text);
    const { code, stderr } = await runBursar(here, ['document', 'old.json', '--yes']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: .*old\.json: .*v99/m);
    expect(readdirSync(here)).toEqual(['old.json']);
  },
  LIMIT_MS,
);
