import type { Store } from '../../store/index.ts';
import { ORG } from './database.ts';

const at = new Date();
const company = { id: 'cmp_1', name: 'Larkspur', description: '', createdAt: at };
const source = { label: 'S1', title: 'one', text: 'text', hash: 'h', addedAt: at };
const page = { limit: 2 };

/** Every function of the repositories of companies, their sources, and answers about them. */
export const COMPANY_CALLS = {
  companies: {
    create: ({ companies }: Store) => companies.create(ORG, company),
    find: ({ companies }: Store) => companies.find(ORG, 'cmp_1'),
    named: ({ companies }: Store) => companies.named(ORG, 'Larkspur'),
    list: ({ companies }: Store) => companies.list(ORG, page),
    change: ({ companies }: Store) => companies.change(ORG, 'cmp_1', { description: 'x' }),
    nextLabel: ({ companies }: Store) => companies.nextLabel(ORG, 'cmp_1'),
    remove: ({ companies }: Store) => companies.remove(ORG, 'cmp_1'),
  },
  companySources: {
    add: ({ companySources }: Store) => companySources.add(ORG, 'cmp_1', source),
    byHash: ({ companySources }: Store) => companySources.byHash(ORG, 'cmp_1', 'h'),
    of: ({ companySources }: Store) => companySources.of(ORG, 'cmp_1'),
    outlines: ({ companySources }: Store) => companySources.outlines(ORG, 'cmp_1', { limit: 2 }),
    remove: ({ companySources }: Store) => companySources.remove(ORG, 'cmp_1', 'S1'),
    removeAll: ({ companySources }: Store) => companySources.removeAll(ORG, 'cmp_1'),
  },
  snapshots: {
    keep: ({ snapshots }: Store) =>
      snapshots.keep(ORG, {
        id: 'r1:0',
        subject: 'cmp_1',
        block: 'NB1',
        inputHash: 'h',
        text: 't',
        model: 'm',
        run: 'r1',
        createdAt: at,
      }),
    find: ({ snapshots }: Store) => snapshots.find(ORG, 'r1:0'),
    newest: async ({ snapshots }: Store) => [
      await snapshots.newest(ORG, 'cmp_1', 'NB1'),
      await snapshots.newest(ORG, 'cmp_1', 'NB1', at),
    ],
    blocksOf: ({ snapshots }: Store) => snapshots.blocksOf(ORG, 'cmp_1'),
    removeOf: ({ snapshots }: Store) => snapshots.removeOf(ORG, 'cmp_1'),
  },
};
