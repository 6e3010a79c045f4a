/** A step of the plan that the server has for a query. */
export interface Stage {
  stage: string;
  inputStage?: Stage;
  inputStages?: Stage[];
  keyPattern?: Record<string, number>;
  indexBounds?: Record<string, string[]>;
}
/** The step and all below it. */
export const stagesOf = (stage: Stage): Stage[] => [
  stage,
  ...[stage.inputStage ?? [], stage.inputStages ?? []].flat().flatMap(stagesOf),
];

/** What is wrong with a plan: every document is looked at, or sorted, or the whole index is. */
export function problemOf(stages: Stage[], hasSort: boolean): string | undefined {
  const names = stages.map(({ stage }) => stage);
  if (names.includes('COLLSCAN')) return 'looks at every document';
  if (hasSort && names.includes('SORT')) return 'sorts what it has found';
  const scan = stages.find(({ stage }) => stage === 'IXSCAN');
  const first = Object.keys(scan?.keyPattern ?? {})[0] ?? '';
  const everything = scan?.indexBounds?.[first]?.some((bound) => /MinKey, MaxKey/.test(bound));
  return everything ? `looks at the whole index from ${first} on` : undefined;
}
