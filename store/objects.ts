import type { Connection } from 'mongoose';
import type { ProjectObject, ResourceType } from '../domain/project.ts';
import { createBatch } from './batch.ts';
import { collectionModel, Mixed } from './model.ts';
import { type Page, type PageRequest, pageOf } from './page.ts';

/** `_id` = project:revision:uniqueId. */
interface ObjectDoc extends ProjectObject {
  _id: string;
  org: string;
  project: string;
  revision: number;
}

interface ProjectFileDoc {
  _id: string;
  org: string;
  project: string;
  revision: number;
  path: string;
  text: string;
}

const FIELDS = {
  _id: String,
  org: String,
  project: String,
  revision: Number,
  uniqueId: String,
  name: String,
  resourceType: String,
  packageName: String,
  path: String,
  patchPath: String,
  relation: String,
  materialized: String,
  tags: [String] as [typeof String],
  description: String,
  columns: [Mixed] as [typeof Mixed],
  rawCode: String,
  compiledCode: String,
  adapterType: String,
  parents: [String] as [typeof String],
  tests: [String] as [typeof String],
  hash: String,
};
const FILE_FIELDS = {
  _id: String,
  org: String,
  project: String,
  revision: Number,
  path: String,
  text: String,
};

/** A revision keeps its glossary among its files, so that a run goes on with the one it began with. */
const GLOSSARY_PATH = '.bursar/glossary';
const BATCH = 500;
const WITHOUT_CODE = { rawCode: 0, compiledCode: 0 } as const;

export interface RevisionOf {
  org: string;
  project: string;
  revision: number;
}

/**
 * The objects and yml files of each stored revision of a project. A revision is written once and never
 * changed.
 */
export function objectStore(connection: Connection) {
  const model = collectionModel<ObjectDoc>(connection, 'objects', FIELDS, [
    [{ org: 1, project: 1, revision: 1, uniqueId: 1 }, { unique: true }],
    [{ org: 1, project: 1, revision: 1, resourceType: 1, uniqueId: 1 }],
  ]);
  const files = collectionModel<ProjectFileDoc>(connection, 'project_files', FILE_FIELDS, [
    [{ org: 1, project: 1, revision: 1, path: 1 }, { unique: true }],
  ]);
  const found = createBatch(async (wanted: Pick<ObjectDoc, '_id' | 'org'>[]) => {
    const ids = wanted.map(({ _id }) => _id);
    const cursor = model.collection.find({ _id: { $in: ids } } as never);
    const docs = (await cursor.toArray()) as unknown as ObjectDoc[];
    const byId = new Map(docs.map((doc) => [`${doc.org}:${doc._id}`, fromObjectDoc(doc)]));
    return wanted.map(({ org, _id }) => byId.get(`${org}:${_id}`));
  });
  return {
    model,
    files,
    async insertRevision(
      of: RevisionOf,
      objects: ProjectObject[],
      ymlFiles: { path: string; text: string }[],
      glossary: string | undefined,
    ): Promise<void> {
      const texts =
        glossary === undefined ? ymlFiles : [...ymlFiles, { path: GLOSSARY_PATH, text: glossary }];
      const idOf = (name: string) => `${of.project}:${of.revision}:${name}`;
      for (let at = 0; at < objects.length; at += BATCH)
        await model.insertMany(
          objects.slice(at, at + BATCH).map((object) => ({ _id: idOf(object.uniqueId), ...of, ...object })),
          { lean: true },
        );
      for (let at = 0; at < texts.length; at += BATCH)
        await files.insertMany(
          texts.slice(at, at + BATCH).map((file) => ({ _id: idOf(file.path), ...of, ...file })),
          { lean: true },
        );
    },
    async glossary(of: RevisionOf): Promise<string | undefined> {
      const doc = await files.findOne({ ...of, path: GLOSSARY_PATH }).lean<ProjectFileDoc>();
      return doc?.text;
    },
    async find(of: RevisionOf, uniqueId: string): Promise<ProjectObject | undefined> {
      return found({ _id: `${of.project}:${of.revision}:${uniqueId}`, org: of.org });
    },
    async findMany(of: RevisionOf, uniqueIds: string[]): Promise<ProjectObject[]> {
      const docs = await model.find({ ...of, uniqueId: { $in: uniqueIds } }).lean<ObjectDoc[]>();
      return docs.map(fromObjectDoc);
    },
    /** All objects without their code, or those named, for graphs, selections and parents. */
    async outlines(of: RevisionOf, uniqueIds?: string[]): Promise<ProjectObject[]> {
      const filter = uniqueIds === undefined ? of : { ...of, uniqueId: { $in: uniqueIds } };
      const docs = await model.find(filter, WITHOUT_CODE).sort({ uniqueId: 1 }).lean<ObjectDoc[]>();
      return docs.map((doc) => fromObjectDoc({ ...doc, rawCode: '' }));
    },
    async list(
      of: RevisionOf,
      type: ResourceType | undefined,
      request: PageRequest,
    ): Promise<Page<ProjectObject>> {
      const filter = type === undefined ? of : { ...of, resourceType: type };
      const sort = { field: 'uniqueId', order: 1 } as const;
      const page = await pageOf<ObjectDoc>(model, filter, sort, request, WITHOUT_CODE);
      return { ...page, rows: page.rows.map((doc) => fromObjectDoc({ ...doc, rawCode: '' })) };
    },
    async ymlFiles(of: RevisionOf): Promise<{ path: string; text: string }[]> {
      const filter = { ...of, path: { $ne: GLOSSARY_PATH } };
      return files.find(filter, { _id: 0, path: 1, text: 1 }).sort({ path: 1 }).lean();
    },
    /**
     * Removes the revisions before one, except those named. Later ones belong to uploads that are under way.
     */
    async dropRevisionsBefore({ org, project, revision }: RevisionOf, keep: number[]): Promise<void> {
      const filter = { org, project, revision: { $lt: revision, $nin: keep } };
      await model.deleteMany(filter);
      await files.deleteMany(filter);
    },
  };
}

function fromObjectDoc(doc: ObjectDoc): ProjectObject {
  const { _id, org: _org, project: _project, revision: _revision, ...object } = doc;
  return object;
}
