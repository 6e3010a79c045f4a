import { DEFAULT_COST_MODEL } from '../../domain/costing/cost-model.ts';
import type { Store } from '../../store/index.ts';
import { ORG } from './database.ts';

const { version: _version, ...TERMS } = DEFAULT_COST_MODEL;
const page = { limit: 2 };
const row = {
  jobType: 'report',
  metrics: { cpuTime: 1, memoryMbSeconds: 2, payloadBytes: 3, redisOps: 4, networkBytes: 5 },
  actualCostNanoUsd: 10,
  calculatedCostNanoUsd: 9,
  modelVersion: 1,
  timestamp: new Date(),
};

/** Every function of the repositories of cost models and benchmarks. */
export const COSTING_CALLS = {
  costModels: {
    current: ({ costModels }: Store) => costModels.current(ORG),
    propose: ({ costModels }: Store) => costModels.propose(ORG, TERMS, 'key_1'),
    apply: ({ costModels }: Store) => costModels.apply(ORG, 2, 'key_1'),
    list: ({ costModels }: Store) => costModels.list(ORG, page),
  },
  benchmarks: {
    add: ({ benchmarks }: Store) =>
      benchmarks.add(
        ORG,
        [1, 2, 3].map((id) => ({ id: `b${id}`, ...row })),
      ),
    list: async ({ benchmarks }: Store) => [
      await benchmarks.list(ORG, undefined, page),
      await benchmarks.list(ORG, 'report', page),
    ],
    newest: async ({ benchmarks }: Store) => [
      await benchmarks.newest(ORG, undefined, 2),
      await benchmarks.newest(ORG, 'report', 2),
    ],
  },
};
