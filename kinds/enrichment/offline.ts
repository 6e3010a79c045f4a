import { createClassifier } from '../../domain/classify.ts';
import { type LabelSet, UNKNOWN_LABEL } from '../../domain/memory.ts';
import type { ClassificationFacts } from './prepare.ts';

/** Less alike than this to every example, a text has none of the labels. */
const LEAST_SIMILARITY = 0.05;

const classifiers = new WeakMap<LabelSet, ReturnType<typeof createClassifier>>();

/** Finds the label by the examples of the set, of which a classifier is made once. */
export function writeEnrichment(_step: string, given: unknown): string {
  const { text, labelSet } = given as ClassificationFacts;
  const classify = classifiers.get(labelSet) ?? createClassifier(labelSet.labels);
  classifiers.set(labelSet, classify);
  const found = classify(text);
  const label = found === undefined || found.similarity < LEAST_SIMILARITY ? UNKNOWN_LABEL : found.label;
  return JSON.stringify({ label });
}
