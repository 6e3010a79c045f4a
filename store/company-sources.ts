import type { Connection } from 'mongoose';
import type { Source } from '../domain/company.ts';
import { collectionModel, isDuplicate } from './model.ts';
import { type Page, type PageRequest, pageOf } from './page.ts';

/** `_id` = company:label. */
interface SourceDoc extends Source {
  _id: string;
  org: string;
  company: string;
  /** The number of the label: lists go by it. */
  number: number;
}

const FIELDS = {
  _id: String,
  org: String,
  company: String,
  label: String,
  number: Number,
  title: String,
  text: String,
  hash: String,
  addedAt: Date,
};

export type SourceOutline = Omit<Source, 'text'> & { characters: number };

/** Documents about companies, as text. */
export function companySourceStore(connection: Connection) {
  const model = collectionModel<SourceDoc>(connection, 'company_sources', FIELDS, [
    [{ org: 1, company: 1, number: 1 }],
    [{ org: 1, company: 1, hash: 1 }, { unique: true }],
  ]);
  return {
    model,
    /** @returns false where the company has a document with this text. */
    async add(org: string, company: string, source: Source): Promise<boolean> {
      const number = Number(source.label.slice(1));
      try {
        const row = { _id: `${company}:${source.label}`, org, company, number, ...source };
        await model.collection.insertOne(row as never);
        return true;
      } catch (error) {
        if (isDuplicate(error)) return false;
        throw error;
      }
    },
    async byHash(org: string, company: string, hash: string): Promise<Source | undefined> {
      const doc = await model.findOne({ org, company, hash }).lean<SourceDoc>();
      return doc === null ? undefined : fromDoc(doc);
    },
    /** In the order of their labels. */
    async of(org: string, company: string): Promise<Source[]> {
      const docs = await model.find({ org, company }).sort({ number: 1 }).lean<SourceDoc[]>();
      return docs.map(fromDoc);
    },
    /** Without their texts, with how long these are; in the order of their labels. */
    async outlines(org: string, company: string, request: PageRequest): Promise<Page<SourceOutline>> {
      const filter = { org, company };
      const page = await pageOf(model, filter, { field: 'number', order: 1 }, request, { text: 0 });
      const numbers = page.rows.map(({ number }) => number);
      const lengths = await model.aggregate<{ label: string; characters: number }>([
        { $match: { ...filter, number: { $in: numbers } } },
        { $project: { _id: 0, label: 1, characters: { $strLenCP: '$text' } } },
      ]);
      const characters = new Map(lengths.map((each) => [each.label, each.characters]));
      const rows = page.rows.map(({ label, title, hash, addedAt }) => ({
        ...{ label, title, hash, addedAt },
        characters: characters.get(label) ?? 0,
      }));
      return { ...page, rows };
    },
    async remove(org: string, company: string, label: string): Promise<boolean> {
      return (await model.deleteOne({ _id: `${company}:${label}`, org, company })).deletedCount === 1;
    },
    async removeAll(org: string, company: string): Promise<void> {
      await model.deleteMany({ org, company });
    },
  };
}

function fromDoc({ label, title, text, hash, addedAt }: SourceDoc): Source {
  return { label, title, text, hash, addedAt };
}
