import { z } from '@hono/zod-openapi';
import type { Company, Source } from '../domain/company.ts';

const name = z.string().trim().min(1).max(200);
const description = z.string().trim().max(2_000);
const website = z.url({ protocol: /^https?$/ }).max(500);
const time = z.iso.datetime();

export const newCompanySchema = z
  .strictObject({ name, description: description.default(''), website: website.optional() })
  .openapi('NewCompany');

export const companyChangeSchema = z
  .strictObject({ name: name.optional(), description: description.optional(), website: website.optional() })
  .openapi('CompanyChange');

export const companySchema = z
  .object({
    id: z.string(),
    name: z.string(),
    description: z.string(),
    website: z.string().nullable(),
    createdAt: time,
  })
  .openapi('Company');

export const sourceSchema = z
  .object({
    label: z.string().openapi({ description: 'What citations name, e.g. `S1`; never given twice.' }),
    title: z.string(),
    characters: z.number().int(),
    hash: z.string(),
    addedAt: time,
  })
  .openapi('Source');

export function toApiCompany({ id, name, description, website, createdAt }: Company) {
  return { id, name, description, website: website ?? null, createdAt: createdAt.toISOString() };
}

export function toApiSource(source: Omit<Source, 'text'> & { characters: number }) {
  const { label, title, characters, hash, addedAt } = source;
  return { label, title, characters, hash, addedAt: addedAt.toISOString() };
}
