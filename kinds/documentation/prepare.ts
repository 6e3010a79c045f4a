import { AppError } from '../../domain/errors.ts';
import type {
  DocumentationFacts,
  DocumentContent,
  DocumentVersion,
  Layer,
  ProjectObject,
} from '../../domain/project.ts';
import type { RunOptions } from '../../domain/run.ts';
import type { OutlinedItem, PreparedItem, RunContext, Step } from '../kind.ts';
import { checkLayer, parseColumns, repairInstruction } from './checks.ts';
import { findDrift } from './drift.ts';
import type { FrozenInput } from './input.ts';
import type { DocumentationLibrary, RevisionOf } from './library.ts';
import { classOf } from './object-class.ts';
import { buildPrompt, EXPECTED_SUMMARY, expectedOutputTokens, inputHash } from './prompts.ts';
import type { WrittenSummaries } from './written-summaries.ts';

const NONE: ReadonlyMap<string, DocumentVersion> = new Map();

/**
 * Loads one model with what its text depends on, and decides which layers must be generated. `written` is
 * what this process remembers of the runs that it works on.
 */
export async function prepareItem(
  library: DocumentationLibrary,
  written: WrittenSummaries,
  run: RunContext & { input: FrozenInput },
  item: { seq: number; key: string; maybeReused: boolean },
): Promise<PreparedItem> {
  const of = revisionOf(run);
  // The outline is mostly in memory since the estimate, and names the parents: the rest is read at once.
  const [outline] = await library.outlines(of, [item.key]);
  const parentIds = outline?.parents ?? [];
  const wanted = parentIds.filter((id) => written.get(run.id, id) === undefined);
  // Without a version at the time of the plan there is nothing to keep, but for what other runs do meanwhile.
  if (item.maybeReused || run.options.skipExisting) wanted.push(item.key);
  const [[object], glossary, parents, documents] = await Promise.all([
    library.objects(of, [item.key]),
    library.glossary(of),
    parentIds.length === 0 ? [] : library.outlines(of, parentIds),
    wanted.length === 0 ? NONE : library.newestDocuments(of.org, of.project, wanted),
  ]);
  if (object === undefined) throw new AppError('not_found', `"${item.key}" is not in the project any more`);
  const before = documents.get(object.uniqueId);
  const facts = factsOf(
    object,
    parents,
    (id) => (written.get(run.id, id) ?? documents.get(id)?.content.text)?.summary,
  );
  const hash = inputHash(facts, glossary);
  const kept = reusableLayers(before, () => hash, run.input.layers, run.options);
  const missing = run.input.layers.filter((layer) => !kept.has(layer));
  if (missing.length === 0) return { reused: true, steps: [], finish: async () => {} };
  const documentOf = (content: DocumentContent) => ({
    id: `${run.id}:${item.seq}`,
    project: of.project,
    object: object.uniqueId,
    name: object.name,
    content,
    inputHash: hash,
    drift: findDrift(facts),
    run: run.id,
    model: run.options.model,
    createdAt: new Date(),
  });
  return {
    reused: false,
    steps: missing.map((layer) => stepOf(layer, facts, glossary, run.options.model)),
    async finish(texts) {
      const proposed = await library.propose(of.org, before, (known) =>
        documentOf(contentOf(texts, known, hash)),
      );
      written.note(run.id, object.uniqueId, proposed.content.text.summary);
    },
  };
}

/**
 * The prompts of several models before anything is generated; summaries that do not exist yet have a
 * stand-in.
 */
export async function outlineItems(
  library: DocumentationLibrary,
  run: RunContext & { input: FrozenInput },
  keys: string[],
): Promise<OutlinedItem[]> {
  const of = revisionOf(run);
  const [objects, glossary] = await Promise.all([library.objects(of, keys), library.glossary(of)]);
  const parentIds = [...new Set(objects.flatMap((object) => object.parents))];
  const [outlines, documents] = await Promise.all([
    library.outlines(of, parentIds),
    library.newestDocuments(of.org, of.project, [...new Set([...keys, ...parentIds])]),
  ]);
  const byId = new Map(outlines.map((object) => [object.uniqueId, object]));
  return objects.map((object) => {
    const parents = object.parents.flatMap((id) => byId.get(id) ?? []);
    const facts = factsOf(object, parents, (id) => documents.get(id)?.content.text.summary);
    const before = documents.get(object.uniqueId);
    const kept = reusableLayers(before, () => inputHash(facts, glossary), run.input.layers, run.options);
    const layers = run.input.layers.filter((layer) => !kept.has(layer));
    const expected = { ...facts, parents: facts.parents.map(withSummary) };
    const outlined = (layer: Layer) => ({
      step: layer,
      request: stepOf(layer, expected, glossary, run.options.model).request(new Map()),
      outputTokens: expectedOutputTokens(layer, expected),
    });
    return {
      reused: layers.length === 0,
      class: classOf(object),
      steps: layers.map(outlined),
      keptSteps: [...kept].map(outlined),
    };
  });
}

/**
 * A model upstream will probably have a summary by then; one that is not in the run makes the estimate a
 * little high.
 */
function withSummary(parent: DocumentationFacts['parents'][number]) {
  const expected = parent.resourceType === 'model' && parent.summary === undefined;
  return expected ? { ...parent, summary: EXPECTED_SUMMARY } : parent;
}

function revisionOf(run: RunContext & { input: FrozenInput }): RevisionOf {
  return { org: run.org, project: run.input.projectId, revision: run.input.revision };
}

function factsOf(
  object: ProjectObject,
  parents: ProjectObject[],
  summaryOf: (uniqueId: string) => string | undefined,
): DocumentationFacts {
  return {
    object,
    parents: parents.map((parent) => {
      const summary = summaryOf(parent.uniqueId) ?? parent.description;
      const { uniqueId, name, resourceType, columns } = parent;
      return { uniqueId, name, resourceType, columns, ...(summary === '' ? {} : { summary }) };
    }),
    // Left out on purpose: a new model downstream must not make the ones upstream stale.
    children: [],
  };
}

/**
 * Layers whose stored text is still true. `skipExisting` keeps every unchanged version, the default only what
 * somebody approved (a proposal is written anew), and `regenerateAll` keeps nothing.
 */
function reusableLayers(
  document: DocumentVersion | undefined,
  hash: () => string,
  wanted: Layer[],
  options: RunOptions,
): Set<Layer> {
  if (document === undefined || options.regenerateAll) return new Set();
  if (!options.skipExisting && document.state !== 'approved') return new Set();
  if (document.inputHash !== hash()) return new Set();
  return new Set(wanted.filter((layer) => hasLayer(document.content, layer)));
}

function hasLayer(content: DocumentContent, layer: Layer): boolean {
  return layer === 'columns' ? content.columns !== undefined : content.text[layer] !== undefined;
}

function stepOf(layer: Layer, facts: DocumentationFacts, glossary: string | undefined, model: string): Step {
  return {
    name: layer,
    expectedOutputTokens: expectedOutputTokens(layer, facts).p50,
    request: () => ({
      model,
      ...buildPrompt(layer, facts, glossary),
      offline: { kind: 'documentation', step: layer, facts },
    }),
    check: (text) => checkLayer(layer, text, facts),
    repair: repairInstruction,
  };
}

/** The new texts, and of the version before all layers that are still true. */
function contentOf(
  texts: ReadonlyMap<string, string>,
  before: DocumentVersion | undefined,
  hash: string,
): DocumentContent {
  const base: DocumentContent = before?.inputHash === hash ? before.content : { text: {} };
  const content: DocumentContent = { ...base, text: { ...base.text } };
  for (const [layer, text] of texts)
    if (layer === 'columns') content.columns = parseColumns(text);
    else content.text[layer as Exclude<Layer, 'columns'>] = text.trim();
  return content;
}
