import type { Store } from '../../store/index.ts';
import { ORG } from './database.ts';

const at = new Date();
const memory = {
  id: 'mem_1',
  user: 'ada',
  text: 'text',
  type: 'note',
  hash: 'h',
  state: 'pending',
  createdAt: at,
} as const;
const page = { limit: 2 };
const embedding = { memory: 'mem_1', model: 'm', dimensions: 2, vector: 'AAAA' };

/** Every function of the repositories of memories, their vectors and labels. */
export const MEMORY_CALLS = {
  memories: {
    add: ({ memories }: Store) => memories.add(ORG, memory, 'r'),
    find: ({ memories }: Store) => memories.find(ORG, 'mem_1'),
    findMany: ({ memories }: Store) => memories.findMany(ORG, ['mem_1']),
    list: async ({ memories }: Store) => [
      await memories.list(ORG, {}, page),
      await memories.list(ORG, { user: 'ada' }, page),
      await memories.list(ORG, { label: 'fact' }, page),
      await memories.list(ORG, { state: 'done' }, page),
    ],
    relabel: ({ memories }: Store) => memories.relabel(ORG, 'mem_1', 'fact'),
    enrichedTwin: ({ memories }: Store) => memories.enrichedTwin(ORG, memory),
    take: ({ memories }: Store) => memories.take(ORG, 2, at),
    nextDue: ({ memories }: Store) => memories.nextDue(ORG),
    noteItem: ({ memories }: Store) => memories.noteItem(ORG, 'mem_1', 0),
    defer: ({ memories }: Store) => memories.defer(ORG, 0, 'budget', at),
    makeDue: ({ memories }: Store) => memories.makeDue(ORG, at),
    fail: ({ memories }: Store) => memories.fail(ORG, 0, 'llm_refused', 'no'),
    finish: ({ memories }: Store) => memories.finish(ORG, 'mem_1', { label: 'fact', labelSetVersion: 0 }, at),
    counts: ({ memories }: Store) => memories.counts(ORG, at),
    queueCounts: ({ memories }: Store) => memories.queueCounts(ORG, at),
    users: ({ memories }: Store) => memories.users(ORG),
    remove: ({ memories }: Store) => memories.remove(ORG, 'mem_1'),
  },
  embeddings: {
    put: ({ embeddings }: Store) => embeddings.put(ORG, embedding),
    after: ({ embeddings }: Store) => embeddings.after(ORG, { model: 'm', dimensions: 2 }, '', 2),
    remove: ({ embeddings }: Store) => embeddings.remove(ORG, 'mem_1'),
    count: ({ embeddings }: Store) => embeddings.count(ORG),
  },
  labelSets: {
    newest: ({ labelSets }: Store) => labelSets.newest(ORG),
    find: ({ labelSets }: Store) => labelSets.find(ORG, 1),
    add: ({ labelSets }: Store) =>
      labelSets.add(ORG, [{ name: 'x', description: '', examples: [] }], 'key_1', at),
  },
};
