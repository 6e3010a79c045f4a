import type { Connection } from 'mongoose';
import type { Company } from '../domain/company.ts';
import { collectionModel } from './model.ts';
import { type Page, type PageRequest, pageOf } from './page.ts';

interface CompanyDoc extends Omit<Company, 'id'> {
  _id: string;
  org: string;
  /** How many labels of sources were given. */
  labels: number;
  /** Time of creation and id: unique, and the order of lists. */
  position: string;
}

const FIELDS = {
  _id: String,
  org: String,
  name: String,
  description: String,
  website: String,
  labels: Number,
  createdAt: Date,
  position: String,
};

/** Companies that are analysed. */
export function companyStore(connection: Connection) {
  const model = collectionModel<CompanyDoc>(connection, 'companies', FIELDS, [
    [{ org: 1, position: -1 }],
    [{ org: 1, name: 1 }, { unique: true }],
  ]);
  return {
    model,
    /** @returns false where the organization has a company of that name. */
    async create(org: string, company: Company): Promise<boolean> {
      const { id, ...rest } = company;
      const position = `${company.createdAt.toISOString()}:${id}`;
      const { upsertedCount } = await model.collection.updateOne(
        { org, name: company.name },
        { $setOnInsert: { _id: id as never, ...rest, labels: 0, position } },
        { upsert: true },
      );
      return upsertedCount === 1;
    },
    async find(org: string, id: string): Promise<Company | undefined> {
      const doc = await model.findOne({ _id: id, org }).lean<CompanyDoc>();
      return doc === null ? undefined : fromDoc(doc);
    },
    async named(org: string, name: string): Promise<Company | undefined> {
      const doc = await model.findOne({ org, name }).lean<CompanyDoc>();
      return doc === null ? undefined : fromDoc(doc);
    },
    async list(org: string, request: PageRequest): Promise<Page<Company>> {
      const page = await pageOf<CompanyDoc>(model, { org }, { field: 'position', order: -1 }, request);
      return { ...page, rows: page.rows.map(fromDoc) };
    },
    /** @returns false where there is no such company. @throws what a name that is taken throws. */
    async change(
      org: string,
      id: string,
      changes: Partial<Pick<Company, 'name' | 'description' | 'website'>>,
    ): Promise<boolean> {
      const { matchedCount } = await model.updateOne({ _id: id, org }, { $set: changes });
      return matchedCount === 1;
    },
    async remove(org: string, id: string): Promise<boolean> {
      return (await model.deleteOne({ _id: id, org })).deletedCount === 1;
    },
    /** The next label for a source: none is given twice. */
    async nextLabel(org: string, id: string): Promise<string | undefined> {
      const doc = await model
        .findOneAndUpdate({ _id: id, org }, { $inc: { labels: 1 } }, { returnDocument: 'after' })
        .lean<CompanyDoc>();
      return doc === null ? undefined : `S${doc.labels}`;
    },
  };
}

function fromDoc({ _id: id, name, description, website, createdAt }: CompanyDoc): Company {
  return { id, name, description, ...(website && { website }), createdAt };
}
