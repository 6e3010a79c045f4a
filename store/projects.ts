import type { Connection } from 'mongoose';
import type { Project } from '../domain/project.ts';
import { collectionModel, isDuplicate } from './model.ts';
import { type Page, type PageRequest, pageOf } from './page.ts';

interface ProjectDoc extends Omit<Project, 'id'> {
  _id: string;
  org: string;
  /** The revision that the newest upload took; `revision` follows once all its objects are stored. */
  lastRevision: number;
}

const FIELDS = {
  _id: String,
  org: String,
  name: String,
  adapterType: String,
  origin: String,
  revision: Number,
  lastRevision: Number,
  contentHash: String,
  objectCount: Number,
  modelCount: Number,
  warnings: [String] as [typeof String],
  glossary: String,
  createdAt: Date,
  updatedAt: Date,
};

/** How often somebody else may be faster with making a project. */
const MAX_RACES = 10;

/**
 * Projects by organization. A project is known by its name: uploading it again makes a new revision of it.
 */
export function projectStore(connection: Connection) {
  const model = collectionModel<ProjectDoc>(connection, 'projects', FIELDS, [
    [{ org: 1, name: 1 }, { unique: true }],
    [{ org: 1, _id: 1 }],
  ]);
  return {
    model,
    async find(org: string, id: string): Promise<Project | undefined> {
      const doc = await model.findOne({ org, _id: id, revision: { $gte: 1 } }).lean<ProjectDoc>();
      return doc === null ? undefined : fromProjectDoc(doc);
    },
    async findByName(org: string, name: string): Promise<Project | undefined> {
      const doc = await model.findOne({ org, name, revision: { $gte: 1 } }).lean<ProjectDoc>();
      return doc === null ? undefined : fromProjectDoc(doc);
    },
    async list(org: string, request: PageRequest): Promise<Page<Project>> {
      const filter = { org, revision: { $gte: 1 } };
      const page = await pageOf<ProjectDoc>(model, filter, { field: '_id', order: 1 }, request);
      return { ...page, rows: page.rows.map(fromProjectDoc) };
    },
    /** Takes the next revision number of the project of this name, which is made where it is not there. */
    async takeRevision(org: string, name: string, id: string): Promise<{ id: string; revision: number }> {
      for (let attempt = 0; attempt < MAX_RACES; attempt += 1) {
        const doc = await model
          .findOneAndUpdate(
            { org, name },
            { $inc: { lastRevision: 1 }, $setOnInsert: { _id: id, revision: 0, createdAt: new Date() } },
            { upsert: true, returnDocument: 'after' },
          )
          .lean<ProjectDoc>()
          .catch((error: unknown) => {
            if (!isDuplicate(error)) throw error;
            return null;
          });
        if (doc !== null) return { id: doc._id, revision: doc.lastRevision };
        // Somebody made the project between our look and our insert: it is there now.
      }
      throw new Error(`too many uploads of the project ${name} at once`);
    },
    /** Makes a completely stored revision the current one, unless a newer one already is. */
    async publish(org: string, project: Omit<Project, 'createdAt' | 'updatedAt'>): Promise<void> {
      const { id, glossary, ...facts } = project;
      await model.updateOne(
        { org, _id: id, revision: { $lt: project.revision } },
        {
          $set: { ...facts, ...(glossary === undefined ? {} : { glossary }), updatedAt: new Date() },
          ...(glossary === undefined ? { $unset: { glossary: 1 } } : {}),
        },
      );
    },
  };
}

function fromProjectDoc(doc: ProjectDoc): Project {
  const { _id, org: _org, lastRevision: _lastRevision, ...rest } = doc;
  return { id: _id, ...rest };
}
