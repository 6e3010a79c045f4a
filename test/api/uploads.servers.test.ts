import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Bursar, startBursar } from '../support/bursar.ts';
import { testWithSharedData } from '../support/shared-data.ts';
import { manifestOf, SHOP } from '../support/shop.ts';
import { END, megabytes, partHead, uploadParts, uploadStream, zipOf } from './multipart.ts';
import { type OpenStore, openStore } from './second-organization.ts';

const TEMPORARY = mkdtempSync(join(tmpdir(), 'bursar-uploads-test-'));
const EXAMPLE = join(import.meta.dirname, '../../examples/shop');
let bursar: Bursar;
let opened: OpenStore;

beforeAll(async () => {
  bursar = await startBursar({ workers: 0, apis: 2, environment: { TMPDIR: TEMPORARY } });
  opened = await openStore(bursar);
});
afterAll(async () => {
  await opened.close();
  await bursar.stop();
});

interface Project {
  id: string;
  name: string;
  origin: string;
  revision: number;
  objectCount: number;
  modelCount: number;
  warnings: string[];
}
interface StoredObject {
  name: string;
  columns: { type?: string }[];
}
const objectsOf = async ({ id }: { id: string }) =>
  (await bursar.client.get<{ objects: StoredObject[] }>(`/documentation/projects/${id}/objects?limit=100`))
    .objects;
const manifestText = () => readFileSync(SHOP.manifest, 'utf8');
const leftInUploadFolder = () => {
  try {
    return readdirSync(join(TEMPORARY, 'bursar-uploads'));
  } catch {
    return [];
  }
};
const memoryMb = (pid: number) =>
  Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;

describe('a project', () => {
  test('comes as a manifest; with a catalog its columns have types', async () => {
    const bare = await uploadParts(bursar, { manifest: manifestText() }, { name: 'bare' });
    expect([bare.status, bare.body]).toEqual([
      201,
      expect.objectContaining({ name: 'bare', origin: 'manifest v12', revision: 1, modelCount: 15 }),
    ]);
    const catalog = readFileSync(SHOP.catalog, 'utf8');
    const typed = await uploadParts(bursar, { manifest: manifestText(), catalog }, { name: 'typed' });
    expect(typed.status).toBe(201);
    const typesOf = async (project: { id: string }) =>
      (await objectsOf(project)).flatMap(({ columns }) => columns.flatMap(({ type }) => type ?? [])).length;
    expect(await typesOf(typed.body)).toBeGreaterThan(await typesOf(bare.body));
  });

  test('comes as a zip of its files', async () => {
    const { status, body } = await uploadParts(bursar, { archive: zipOf(EXAMPLE) });
    expect([status, body]).toEqual([201, expect.objectContaining({ name: 'shop', modelCount: 15 })]);
  });

  testWithSharedData(
    'comes as a zip of jaffle_shop, which was never compiled',
    'jaffle_shop',
    async (folder) => {
      const { status, body } = await uploadParts(bursar, { archive: zipOf(folder) });
      expect([status, body]).toEqual([
        201,
        expect.objectContaining({ name: 'jaffle_shop', modelCount: expect.any(Number) }),
      ]);
      expect((await objectsOf(body)).map(({ name }) => name)).toContain('customers');
    },
  );

  test('that comes again is the same revision; changed, it is the next one of the same project', async () => {
    const upload = (text: string, texts = {}) =>
      uploadParts(bursar, { manifest: text }, { name: 'again', ...texts }) as unknown as Promise<{
        status: number;
        body: Project;
      }>;
    const first = await upload(manifestText());
    const again = await upload(manifestText());
    expect([again.status, again.body]).toEqual([200, first.body]);
    const changed = await upload(manifestText().replaceAll('customer_id', 'client_id'));
    expect([changed.status, changed.body.id, changed.body.revision]).toEqual([201, first.body.id, 2]);
    const glossary = await upload(manifestText(), { glossary: 'LTV: lifetime value' });
    expect([glossary.status, glossary.body.revision]).toEqual([201, 3]);
    const back = await upload(manifestText());
    expect([back.status, back.body.revision]).toEqual([201, 4]);
    expect(back.body).not.toHaveProperty('glossary');
  });

  test('keeps the revisions that a run works on, and drops the others', async () => {
    const revisionsOf = (project: string) =>
      opened.store.objects.model.distinct('revision', { org: 'default', project });
    const upload = (models: number) =>
      bursar.client.upload({ manifest: manifestOf(models) }, { name: 'revisions' });
    const { id } = await upload(2);
    const run = await bursar.client.startRun({ projectId: id });
    for (const models of [3, 4, 5, 6]) await upload(models);
    expect(await revisionsOf(id)).toEqual([1, 4, 5]);
    await opened.store.runs.move('default', run.id, { state: 'cancelled' }, 1);
    await upload(7);
    expect(await revisionsOf(id)).toEqual([5, 6]);
  });

  test('that many upload at once through two processes is whole, and the last revision of all', async () => {
    for (const round of [1, 2, 3]) {
      const name = `race ${round}`;
      const sizes = [2, 3, 4, 5, 6, 7];
      const paths = sizes.map((size) => manifestOf(size));
      const made = await Promise.all(
        paths.map((manifest, index) => bursar.clients[index % 2]?.upload({ manifest }, { name })),
      );
      const ids = new Set(made.map((project) => project?.id));
      expect(ids.size).toBe(1);
      const project = await bursar.client.get<Project>(`/documentation/projects/${[...ids][0]}`);
      expect(project.revision).toBeGreaterThanOrEqual(sizes.length);
      expect(await objectsOf(project)).toHaveLength(project.objectCount);
      expect(sizes).toContain(project.objectCount);
    }
  });
});

describe('an upload', () => {
  test('over 200 MB is refused as it streams through, with flat memory', async () => {
    const pid = bursar.apis[0]?.pid ?? 0;
    const before = memoryMb(pid);
    const { status, body } = await uploadStream(bursar, [partHead('manifest'), ...megabytes(300), END]);
    expect([status, body.error.code]).toEqual([413, 'too_large']);
    expect(body.error.details).toEqual([{ field: 'manifest', problem: 'may have at most 200 MB' }]);
    expect(memoryMb(pid) - before).toBeLessThan(120);
    expect(leftInUploadFolder()).toEqual([]);
  }, 120_000);

  test('whose too large part is followed by others is refused, and the API lives on', async () => {
    async function* slowly() {
      yield partHead('manifest');
      yield* megabytes(201);
      yield `\r\n${partHead('catalog')}`;
      await new Promise((resolve) => setTimeout(resolve, 500));
      yield `{}${END}`;
    }
    const { status } = await uploadStream(bursar, slowly());
    expect(status).toBe(413);
    expect(await bursar.client.get('/status')).toMatchObject({ mongodb: { ok: true } });
  }, 120_000);

  test('with a glossary too long is refused', async () => {
    const { status, body } = await uploadParts(
      bursar,
      { manifest: manifestText() },
      { glossary: 'x'.repeat(100_001) },
    );
    expect([status, body.error.code]).toEqual([413, 'too_large']);
  });

  test('that breaks off in the middle leaves nothing behind', async () => {
    async function* broken() {
      yield partHead('manifest');
      yield* megabytes(2);
      await new Promise((resolve) => setTimeout(resolve, 200));
      throw new Error('the cable was pulled');
    }
    await expect(uploadStream(bursar, broken())).rejects.toThrow();
    const deadline = Date.now() + 5_000;
    while (leftInUploadFolder().length > 0 && Date.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 50));
    expect(leftInUploadFolder()).toEqual([]);
  });
});
