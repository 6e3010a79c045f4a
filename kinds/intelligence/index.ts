import { MAX_RUN_RETRIES } from '../../domain/run.ts';
import type { Kind, RunContext } from '../kind.ts';
import { type FrozenInput, type IntelligenceInput, parseIntelligenceInput } from './input.ts';
import type { IntelligenceLibrary } from './library.ts';
import { writeIntelligence } from './offline.ts';
import { freezeInput, planItems } from './plan.ts';
import { outlineItems, prepareItem } from './prepare.ts';

/** Analyses a company, or two beside each other, block by block, from the sources that people bring. */
export function createIntelligence({ intelligence: library }: { intelligence: IntelligenceLibrary }): Kind {
  // The input of a stored run is what `freeze` returned.
  const frozen = (run: RunContext) => ({ ...run, input: run.input as FrozenInput });
  return {
    name: 'intelligence',
    parseInput: parseIntelligenceInput,
    freeze: (org, input) => freezeInput(library, org, input as IntelligenceInput),
    plan: (run) => planItems(library, frozen(run)),
    outline: (run, keys) => outlineItems(library, frozen(run), keys),
    prepare: (run, item) => prepareItem(library, frozen(run), item),
    runRetries: MAX_RUN_RETRIES,
    writeOffline: writeIntelligence,
  };
}
