import type { Kind, RunContext } from '../kind.ts';
import { type DocumentationInput, type FrozenInput, parseDocumentationInput } from './input.ts';
import type { DocumentationLibrary } from './library.ts';
import { freezeInput, planItems } from './plan.ts';
import { outlineItems, prepareItem } from './prepare.ts';
import { writeDocumentation } from './write/offline.ts';
import { createWrittenSummaries } from './written-summaries.ts';

/** Documents the models of a dbt project or of plain SQL files, layer by layer. */
export function createDocumentation({
  documentation: library,
}: {
  documentation: DocumentationLibrary;
}): Kind {
  // The input of a stored run is what `freeze` returned.
  const frozen = (run: RunContext) => ({ ...run, input: run.input as FrozenInput });
  const written = createWrittenSummaries();
  return {
    name: 'documentation',
    parseInput: parseDocumentationInput,
    freeze: (org, input) => freezeInput(library, org, input as DocumentationInput),
    plan: (run) => planItems(library, frozen(run)),
    outline: (run, keys) => outlineItems(library, frozen(run), keys),
    prepare: (run, item) => prepareItem(library, written, frozen(run), item),
    writeOffline: writeDocumentation,
  };
}
