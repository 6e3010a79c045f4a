import type { Connection } from 'mongoose';
import type { DocumentState, DocumentVersion, Proposal } from '../domain/project.ts';
import { createBatch } from './batch.ts';
import { collectionModel, insertEach, Mixed } from './model.ts';
import { type Page, type PageRequest, pageOf } from './page.ts';

interface DocumentDoc extends Omit<DocumentVersion, 'id'> {
  _id: string;
  org: string;
  /** Proposed or approved. A field of its own, so that one index finds the alive ones of an object. */
  alive: boolean;
}

const FIELDS = {
  _id: String,
  org: String,
  project: String,
  object: String,
  name: String,
  version: Number,
  state: String,
  alive: Boolean,
  content: Mixed,
  inputHash: String,
  drift: [Mixed] as [typeof Mixed],
  run: String,
  model: String,
  createdAt: Date,
  decidedBy: String,
  decidedAt: Date,
};

interface ObjectOf {
  org: string;
  project: string;
  object: string;
}

/** How often somebody else may be faster with the next version. */
const MAX_RACES = 10;
const ALIVE: readonly DocumentState[] = ['proposed', 'approved'];

/**
 * Versions of generated documentation. A new version is proposed; a decision moves it, and nothing rewrites
 * its text.
 */
export function documentStore(connection: Connection) {
  const model = collectionModel<DocumentDoc>(connection, 'documents', FIELDS, [
    [{ org: 1, project: 1, object: 1, version: -1 }, { unique: true }],
    [{ org: 1, project: 1, alive: 1, object: 1, version: -1 }],
    [{ org: 1, project: 1, _id: 1 }],
    [{ org: 1, project: 1, state: 1, _id: 1 }],
    [{ org: 1, run: 1, _id: 1 }],
  ]);

  const inserted = createBatch((docs: DocumentDoc[]) => insertEach(model, docs));

  /** The newest proposed or approved version of each object named (of all objects where none is named). */
  async function newest(
    org: string,
    project: string,
    objects?: string[],
    states: readonly DocumentState[] = ALIVE,
  ): Promise<Map<string, DocumentVersion>> {
    const filter = { org, project, alive: true, ...(objects && { object: { $in: objects } }) };
    const cursor = model.collection.find(filter, { sort: { object: 1, version: -1 } });
    const docs = (await cursor.toArray()) as unknown as DocumentDoc[];
    const byObject = new Map<string, DocumentVersion>();
    for (const doc of docs)
      if (states.includes(doc.state) && !byObject.has(doc.object))
        byObject.set(doc.object, fromDocumentDoc(doc));
    return byObject;
  }

  /** Requests that come together, mostly for one project, are answered by one query for each project. */
  const newestOf = createBatch(async (wanted: ObjectOf[]) => {
    const projects = new Map(wanted.map((one) => [`${one.org}:${one.project}`, one]));
    const found = new Map<string, Map<string, DocumentVersion>>();
    for (const [key, { org, project }] of projects) {
      const ofProject = wanted.filter((one) => one.org === org && one.project === project);
      found.set(key, await newest(org, project, [...new Set(ofProject.map(({ object }) => object))]));
    }
    return wanted.map(({ org, project, object }) => found.get(`${org}:${project}`)?.get(object));
  });

  return {
    model,
    newest,
    /** The newest proposed or approved version of one object. */
    newestOf: (org: string, project: string, object: string) => newestOf({ org, project, object }),
    /**
     * Inserts the next version as proposed and supersedes the proposals before it. Repeating it under the
     * same id changes nothing, so an activity may call it again after a crash. `known` is the newest version
     * that the caller knows of: what it builds on, for a document may keep parts of the one before. Where
     * that is another one by now, it is built anew. Resolves to the document that is stored under the id.
     */
    async propose(
      org: string,
      known: DocumentVersion | undefined,
      documentOf: (known: DocumentVersion | undefined) => Proposal,
    ): Promise<Proposal> {
      let document = documentOf(known);
      let version = (known?.version ?? 0) + 1;
      const of = { org, project: document.project, object: document.object };
      for (let attempt = 0; ; attempt += 1) {
        const { id, ...rest } = document;
        if (await inserted({ _id: id, org, ...rest, version, state: 'proposed', alive: true })) {
          if (version > 1) await supersede(of, version);
          return document;
        }
        if (attempt >= MAX_RACES) throw new Error(`too many versions of ${document.object} at once`);
        const mine = await model.findOne({ org, _id: id }).lean<DocumentDoc>();
        if (mine !== null) {
          // Stored by an earlier attempt, which may have died before it superseded the others.
          await supersede(of, mine.version);
          return fromDocumentDoc(mine);
        }
        const last = await model.findOne(of, { version: 1 }).sort({ version: -1 }).lean<DocumentDoc>();
        version = (last?.version ?? 0) + 1;
        document = documentOf(await newestOf(of));
      }
    },
    async find(org: string, id: string): Promise<DocumentVersion | undefined> {
      const doc = await model.findOne({ org, _id: id }).lean<DocumentDoc>();
      return doc === null ? undefined : fromDocumentDoc(doc);
    },
    async list(
      org: string,
      filter: { project?: string; run?: string; state?: DocumentState },
      request: PageRequest,
    ): Promise<Page<DocumentVersion>> {
      const page = await pageOf<DocumentDoc>(model, { org, ...filter }, { field: '_id', order: 1 }, request);
      return { ...page, rows: page.rows.map(fromDocumentDoc) };
    },
    async versions(org: string, project: string, object: string): Promise<DocumentVersion[]> {
      const docs = await model
        .find({ org, project, object })
        .sort({ version: -1 })
        .limit(100)
        .lean<DocumentDoc[]>();
      return docs.map(fromDocumentDoc);
    },
    /** Approves or rejects a proposal. Resolves to false where it is not there or no proposal any more. */
    async decide(
      org: string,
      id: string,
      state: 'approved' | 'rejected',
      decidedBy: string,
    ): Promise<boolean> {
      const doc = await model
        .findOneAndUpdate(
          { org, _id: id, state: 'proposed' },
          { $set: { state, alive: state === 'approved', decidedBy, decidedAt: new Date() } },
          { returnDocument: 'after' },
        )
        .lean<DocumentDoc>();
      if (doc === null) return false;
      if (state === 'approved')
        await supersede({ org, project: doc.project, object: doc.object }, doc.version);
      return true;
    },
    /** Ids of the proposals of a project, or of one run, at most `limit` at a time. */
    async proposals(org: string, of: { project?: string; run?: string }, limit: number): Promise<string[]> {
      const docs = await model
        .find({ org, ...of, state: 'proposed' }, { _id: 1 })
        .limit(limit)
        .lean<DocumentDoc[]>();
      return docs.map((doc) => doc._id);
    },
  };

  /** A proposal makes older proposals obsolete; an approval also the older approved version. */
  async function supersede(
    of: { org: string; project: string; object: string },
    version: number,
  ): Promise<void> {
    const newer = await model.findOne({ ...of, version }, { state: 1 }).lean<DocumentDoc>();
    const states: readonly DocumentState[] = newer?.state === 'approved' ? ALIVE : ['proposed'];
    await model.updateMany(
      { ...of, version: { $lt: version }, state: { $in: [...states] } },
      { $set: { state: 'superseded', alive: false } },
    );
  }
}

function fromDocumentDoc(doc: DocumentDoc): DocumentVersion {
  const { _id, org: _org, alive: _alive, ...rest } = doc;
  return { id: _id, ...rest };
}
