import { DEFAULT_SNAPSHOT_FRESHNESS_DAYS } from '../domain/company.ts';
import { DEFAULT_LABELS } from '../domain/default-labels.ts';
import { keepAtMost } from '../domain/keep-at-most.ts';
import type { Embedding, LabelSet } from '../domain/memory.ts';
import { standInFor } from '../domain/model-name.ts';
import type { ProjectObject } from '../domain/project.ts';
import type { Store } from './index.ts';
import type { RevisionOf } from './objects.ts';

/** Objects without code that are kept in memory: parents are asked for again and again. */
const KEPT_OUTLINES = 20_000;
/** With code: a run reads each object when it is estimated and again when it is its turn. At most 40 MB. */
const KEPT_OBJECTS = 2_000;
const KEPT_CODE_CHARACTERS = 20_000;
const KEPT_GLOSSARIES = 100;

/**
 * What kind `documentation` reads and writes, over the repositories. A stored revision never changes, so what
 * was read of it once is kept.
 */
function documentationLibrary(store: Store) {
  const outlines = keep<ProjectObject>(KEPT_OUTLINES);
  const objects = keep<ProjectObject>(KEPT_OBJECTS);
  const glossaries = keep<{ text: string | undefined }>(KEPT_GLOSSARIES);
  const keyOf = (of: RevisionOf, name: string) => `${of.org}:${of.project}:${of.revision}:${name}`;
  const remember = (of: RevisionOf, object: ProjectObject) => {
    const { rawCode, compiledCode, ...rest } = object;
    outlines.set(keyOf(of, object.uniqueId), { ...rest, rawCode: '' });
    if (rawCode.length + (compiledCode?.length ?? 0) <= KEPT_CODE_CHARACTERS)
      objects.set(keyOf(of, object.uniqueId), object);
  };
  return {
    project: store.projects.find,
    async glossary(of: RevisionOf): Promise<string | undefined> {
      const key = keyOf(of, '');
      const known = glossaries.get(key) ?? { text: await store.objects.glossary(of) };
      glossaries.set(key, known);
      return known.text;
    },
    async objects(of: RevisionOf, uniqueIds: string[]): Promise<ProjectObject[]> {
      const [only, ...others] = uniqueIds;
      if (only === undefined || others.length > 0) {
        const found = await store.objects.findMany(of, uniqueIds);
        for (const object of found) remember(of, object);
        return found;
      }
      const known = objects.get(keyOf(of, only));
      if (known !== undefined) return [known];
      // One by one they go together with what other items ask for at the same time.
      const object = await store.objects.find(of, only);
      if (object !== undefined) remember(of, object);
      return object === undefined ? [] : [object];
    },
    async outlines(of: RevisionOf, uniqueIds?: string[]): Promise<ProjectObject[]> {
      if (uniqueIds === undefined) return store.objects.outlines(of);
      const known = new Map(uniqueIds.map((id) => [id, outlines.get(keyOf(of, id))]));
      const missing = uniqueIds.filter((id) => known.get(id) === undefined);
      const read = missing.length === 0 ? [] : await store.objects.outlines(of, missing);
      for (const object of read) {
        known.set(object.uniqueId, object);
        outlines.set(keyOf(of, object.uniqueId), object);
      }
      return [...known.values()].flatMap((object) => object ?? []);
    },
    async newestDocuments(org: string, project: string, uniqueIds?: string[]) {
      if (uniqueIds === undefined) return store.documents.newest(org, project);
      const documents = await Promise.all(uniqueIds.map((id) => store.documents.newestOf(org, project, id)));
      return new Map(documents.flatMap((document) => (document ? [[document.object, document]] : [])));
    },
    propose: store.documents.propose,
  };
}

/** What kind `intelligence` reads and writes. */
function intelligenceLibrary(store: Store) {
  return {
    company: store.companies.find,
    sources: store.companySources.of,
    newestSnapshot: (org: string, subject: string, block: string) =>
      store.snapshots.newest(org, subject, block),
    keepSnapshot: store.snapshots.keep,
    async freshnessDays(org: string): Promise<number> {
      return (await store.settings.find(org)).snapshotFreshnessDays ?? DEFAULT_SNAPSHOT_FRESHNESS_DAYS;
    },
  };
}

/** Which models answer where nobody has named one. */
export interface UsualModels {
  model: string;
  embedding: string;
}

/** What kind `enrichment` reads and writes. */
function enrichmentLibrary(store: Store, usual: UsualModels) {
  // The same object for the same version: what is made of it is kept by it.
  const labelSets = keep<LabelSet>(100);
  return {
    memory: store.memories.find,
    enrichedTwin: store.memories.enrichedTwin,
    async labelSet(org: string): Promise<LabelSet> {
      const newest = await store.labelSets.newest(org);
      if (newest === undefined) return DEFAULT_LABELS;
      const key = `${org}:${newest.version}`;
      const known = labelSets.get(key) ?? newest;
      labelSets.set(key, known);
      return known;
    },
    async models(org: string) {
      const { llmProvider = usual.model, llmMockMode } = await store.settings.find(org);
      const named = { classification: llmProvider, embedding: usual.embedding };
      if (!llmMockMode) return named;
      return { classification: standInFor(named.classification), embedding: standInFor(named.embedding) };
    },
    async finish(
      org: string,
      id: string,
      {
        embedding,
        ...result
      }: {
        label: string;
        labelSetVersion: number;
        duplicateOf?: string;
        embedding?: Embedding;
      },
    ): Promise<void> {
      if (embedding !== undefined) await store.embeddings.put(org, embedding);
      await store.memories.finish(org, id, result, new Date());
    },
  };
}

/** What the kinds need of the store. */
export function createLibrary(store: Store, usual: UsualModels) {
  return {
    documentation: documentationLibrary(store),
    intelligence: intelligenceLibrary(store),
    enrichment: enrichmentLibrary(store, usual),
  };
}

/** A map that forgets what was put in first. */
function keep<T>(limit: number) {
  const values = new Map<string, T>();
  return {
    get: (key: string) => values.get(key),
    set(key: string, value: T): void {
      keepAtMost(limit, values, key, value);
    },
  };
}
