import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { AppError } from '../../../../domain/errors.ts';
import { readProject } from '../../../../kinds/documentation/read/project.ts';
import { extractZip, ZIP_LIMITS } from '../../../../kinds/documentation/read/unzip.ts';
import { folderWith } from './temporary-folder.ts';
import { buildZip, type ZipEntry } from './zip-builder.ts';

/** Unpacks an archive into `out` of a fresh folder. */
async function unpack(zip: Buffer, limits = ZIP_LIMITS) {
  const folder = await folderWith({ 'upload.zip': zip });
  const result = await extractZip(join(folder, 'upload.zip'), join(folder, 'out'), limits).catch(
    (e: unknown) => e,
  );
  return { folder, result };
}

/** The error of an archive that is refused; nothing but the archive may be left. */
async function refusal(zip: Buffer, limits = ZIP_LIMITS): Promise<AppError> {
  const { folder, result } = await unpack(zip, limits);
  expect(await readdir(folder)).toEqual(['upload.zip']);
  if (result instanceof AppError) return result;
  throw new Error(`expected an AppError, got ${JSON.stringify(result)} ${result}`);
}

const small = { maxEntries: 5, maxTotalBytes: 1000, maxFileBytes: 600 };

describe('extractZip', () => {
  test('unpacks a project that can then be read', async () => {
    const { folder, result } = await unpack(
      buildZip([
        { name: 'shop/', mode: 0o040755 },
        { name: 'shop/dbt_project.yml', content: 'name: shop' },
        { name: 'shop/models/a.sql', content: 'select 1' },
      ]),
    );
    expect(result).toEqual({ files: 2, bytes: 18 });
    expect((await readdir(folder)).sort()).toEqual(['out', 'upload.zip']);
    expect((await readProject(join(folder, 'out'))).objects).toMatchObject([{ uniqueId: 'model.shop.a' }]);
  });

  test.each<[string, ZipEntry[], RegExp]>([
    ['a path upwards', [{ name: '../evil.sql' }], /leads out of the archive/],
    ['a path upwards in the middle', [{ name: 'a/../../evil.sql' }], /leads out of the archive/],
    ['an absolute path', [{ name: '/etc/evil.sql' }], /leads out of the archive/],
    ['a drive letter', [{ name: 'C:/evil.sql' }], /leads out of the archive/],
    ['a backslash', [{ name: '..\\evil.sql' }], /leads out of the archive/],
    ['a link', [{ name: 'link', content: '/etc/passwd', mode: 0o120777 }], /"link" is a link or a device/],
    ['a device', [{ name: 'pipe', mode: 0o010644 }], /is a link or a device/],
    ['an encrypted entry', [{ name: 'a.sql', content: 'x', encrypted: true }], /"a\.sql" is encrypted/],
    ['a name twice', [{ name: 'a.sql' }, { name: 'a.sql' }], /"a\.sql" is there twice/],
    ['a file that is also a folder', [{ name: 'a' }, { name: 'a/b.sql' }], /"a\/b\.sql" is there twice/],
    ['a folder that is also a file', [{ name: 'a/b.sql' }, { name: 'a' }], /"a" is there twice/],
    ['a path without end', [{ name: `${'x/'.repeat(600)}a.sql` }], /is too long/],
  ])('refuses %s, and leaves nothing behind', async (_, entries, message) => {
    const error = await refusal(buildZip([{ name: 'good.sql', content: 'select 1' }, ...entries]));
    expect(error.code).toBe('invalid_input');
    expect(error.publicMessage).toMatch(message);
    expect(error.publicMessage).toMatch(/^upload\.zip: /);
  });

  test('refuses what is no zip, a cut-off one, and one with damaged data', async () => {
    const zip = buildZip([{ name: 'a.sql', content: 'select 1 from somewhere' }]);
    expect((await refusal(Buffer.from('select 1'))).publicMessage).toMatch('is not a zip archive');
    expect((await refusal(zip.subarray(0, zip.length - 30))).publicMessage).toMatch('is not a zip archive');
    const damaged = Buffer.from(zip);
    damaged.fill(0xff, 36, 46);
    expect((await refusal(damaged)).publicMessage).toMatch('"a.sql" is damaged');
  });

  test('holds the limits: entries, bytes of a file, bytes in all, at the limit and one above', async () => {
    const files = (count: number, bytes: number) =>
      buildZip(Array.from({ length: count }, (_, i) => ({ name: `${i}.sql`, content: 'x'.repeat(bytes) })));
    expect((await unpack(files(5, 200), small)).result).toEqual({ files: 5, bytes: 1000 });
    expect((await unpack(files(1, 600), small)).result).toEqual({ files: 1, bytes: 600 });
    expect(await refusal(files(6, 1), small)).toMatchObject({
      code: 'too_large',
      publicMessage: 'upload.zip: holds over 5 entries',
    });
    expect(await refusal(files(1, 601), small)).toMatchObject({ code: 'too_large' });
    expect(await refusal(files(2, 501), small)).toMatchObject({ code: 'too_large' });
  });

  test('stops a bomb while inflating, also where the archive lies about its size', async () => {
    const bomb = { name: 'bomb.sql', content: Buffer.alloc(50_000_000) };
    expect(await refusal(buildZip([bomb]), small)).toMatchObject({ code: 'too_large' });
    expect((await refusal(buildZip([{ ...bomb, claimedBytes: 10 }]), small)).code).toMatch(
      /too_large|invalid_input/,
    );
  });

  test('does not write into a folder that holds something', async () => {
    const folder = await folderWith({
      'upload.zip': buildZip([{ name: 'a.sql' }]),
      'out/mine.sql': 'select 1',
    });
    await expect(extractZip(join(folder, 'upload.zip'), join(folder, 'out'))).rejects.toThrow();
    expect(await readdir(join(folder, 'out'))).toEqual(['mine.sql']);
    expect((await readdir(folder)).sort()).toEqual(['out', 'upload.zip']);
  });

  test('an archive of any bytes unpacks below the folder or is refused with an AppError', async () => {
    const good = buildZip([
      { name: 'm/a.sql', content: 'select 1' },
      { name: 'b.yml', content: 'x: 1' },
    ]);
    const folder = await folderWith({ 'keep.txt': '' });
    await fc.assert(
      fc.asyncProperty(fc.nat(good.length - 1), fc.nat(255), async (at, byte) => {
        const zip = Buffer.from(good);
        zip[at] = byte;
        await writeFile(join(folder, 'upload.zip'), zip);
        const out = join(folder, `out${Math.random()}`);
        const error = await extractZip(join(folder, 'upload.zip'), out).then(
          () => undefined,
          (thrown: unknown) => thrown,
        );
        if (error !== undefined) expect(error).toBeInstanceOf(AppError);
        const known = (name: string) => /^(keep\.txt|upload\.zip|out0\.\d+(e-\d+)?)$/.test(name);
        expect((await readdir(folder)).filter((name) => !known(name))).toEqual([]);
      }),
      { numRuns: 200 },
    );
    expect(await readFile(join(folder, 'keep.txt'), 'utf8')).toBe('');
  }, 30_000);
});
