import { createHash } from 'node:crypto';
import {
  type Company,
  type Snapshot,
  type Source,
  type Subject,
  snapshotIdOf,
  subjectKeyOf,
} from '../../domain/company.ts';
import { plainModelName } from '../../domain/model-name.ts';
import type { OutlinedItem, PreparedItem, RunContext, Step } from '../kind.ts';
import { checkAnswer } from './checks.ts';
import { citedSources, type IntelligenceFacts } from './facts.ts';
import type { FrozenInput } from './input.ts';
import type { IntelligenceLibrary } from './library.ts';
import { readItemKey } from './plan.ts';
import { buildPrompt, repairInstruction, TEMPLATE_VERSION } from './prompts.ts';

type FrozenRun = RunContext & { input: FrozenInput };

const DAY_MS = 86_400_000;
/** Stands for an answer that is not there yet, where a prompt is only rendered to count its tokens. */
const EXPECTED_ANSWER =
  '- The company was founded in 2004 and employs 120 people in three countries. [S1]\n'.repeat(5);
/** Of the room that a block has, an answer mostly fills about so much. */
const EXPECTED_SHARE = { p50: 0.35, p90: 0.7 };

/** All that one item is made from. */
interface Material {
  facts: IntelligenceFacts;
  subject: string;
  inputHash: string;
  fresh: Snapshot | undefined;
}

/** One block, ready to be asked; a fresh answer to it is used again. */
export async function prepareItem(
  library: IntelligenceLibrary,
  run: FrozenRun,
  item: { seq: number; key: string },
): Promise<PreparedItem> {
  const { facts, subject, inputHash, fresh } = await materialOf(library, run, item.key);
  if (fresh !== undefined) return { reused: true, steps: [], finish: async () => {} };
  const { id: block } = facts.block;
  return {
    reused: false,
    steps: [stepOf(facts, run.options.model)],
    async finish(texts) {
      const text = (texts.get(block) ?? '').trim();
      const { model } = run.options;
      const id = snapshotIdOf(run.id, item.seq);
      const facts = { subject, block, inputHash, text, model: plainModelName(model), run: run.id };
      await library.keepSnapshot(run.org, { id, ...facts, createdAt: new Date() });
    },
  };
}

/** What the blocks will probably ask; answers that are not there yet have the usual length. */
export async function outlineItems(
  library: IntelligenceLibrary,
  run: FrozenRun,
  keys: string[],
): Promise<OutlinedItem[]> {
  return Promise.all(
    keys.map(async (key) => {
      const { facts, fresh } = await materialOf(library, run, key, EXPECTED_ANSWER);
      const step = stepOf(facts, run.options.model);
      const outlined = {
        step: step.name,
        request: step.request(new Map()),
        outputTokens: expectedTokens(facts),
      };
      const reused = fresh !== undefined;
      const name = facts.companies.length > 1 ? 'comparison' : (facts.companies[0]?.name ?? 'company');
      return { reused, class: name, steps: reused ? [] : [outlined], keptSteps: reused ? [outlined] : [] };
    }),
  );
}

function expectedTokens({ block }: IntelligenceFacts) {
  const { p50, p90 } = EXPECTED_SHARE;
  return { p50: Math.ceil(block.maxOutputTokens * p50), p90: Math.ceil(block.maxOutputTokens * p90) };
}

function stepOf(facts: IntelligenceFacts, model: string): Step {
  const { id } = facts.block;
  return {
    name: id,
    expectedOutputTokens: expectedTokens(facts).p50,
    request: () => ({ model, ...buildPrompt(facts), offline: { kind: 'intelligence', step: id, facts } }),
    check: (text) => checkAnswer(text, facts.sources),
    repair: repairInstruction,
  };
}

/** @param standIn - for answers before it that are not there; without one they are left out */
async function materialOf(
  library: IntelligenceLibrary,
  run: FrozenRun,
  key: string,
  standIn?: string,
): Promise<Material> {
  const { org, input } = run;
  const ref = readItemKey(key);
  const block = [...input.blocks, ...input.comparison].find(({ id }) => id === ref.block);
  if (block === undefined) throw new Error(`run ${run.id} has no block ${ref.block}`);
  const ids = ref.company === undefined ? pairOf(input) : [ref.company];
  const companies = await Promise.all(ids.map((id) => companyOf(library, org, id)));
  const sources = await Promise.all(ids.map((id) => library.sources(org, id)));
  const answers = await earlierAnswers(library, run, block.after, ids);
  const earlier = answers.flatMap(({ title, text = standIn }) =>
    text === undefined ? [] : [{ title, text }],
  );
  const [first = '', second] = ids;
  const subject: Subject = second === undefined ? { company: first } : { company: first, beside: second };
  const names = companies.map(({ name }) => name).join(' and ');
  const facts: IntelligenceFacts = {
    block,
    name: `${names}: ${block.title}`,
    companies,
    sources: citedSources(sources),
    earlier,
  };
  const inputHash = hashOf(facts, sources, run.options.model);
  const fresh = await freshSnapshot(library, run, subjectKeyOf(subject), block.id, inputHash);
  return { facts, subject: subjectKeyOf(subject), inputHash, fresh };
}

/** Always in one order: A beside B is B beside A. */
function pairOf({ companyId, compareId = '' }: FrozenInput): string[] {
  return [companyId, compareId].sort();
}

async function companyOf(library: IntelligenceLibrary, org: string, id: string): Promise<Company> {
  const company = await library.company(org, id);
  if (company === undefined) throw new Error(`company ${id} is not stored any more`);
  return company;
}

/**
 * The newest answers to the blocks before: those of this run, as they have ended by then. One may have
 * failed.
 */
async function earlierAnswers(
  library: IntelligenceLibrary,
  run: FrozenRun,
  after: string[],
  ids: string[],
): Promise<{ title: string; text?: string }[]> {
  const titles = new Map([...run.input.blocks, ...run.input.comparison].map(({ id, title }) => [id, title]));
  const ofComparison = new Set(run.input.comparison.map(({ id }) => id));
  const [first = '', second = ''] = ids;
  const wanted = after.flatMap((block) =>
    ofComparison.has(block)
      ? [{ block, subject: subjectKeyOf({ company: first, beside: second }), letter: '' }]
      : ids.map((company, at) => ({
          block,
          subject: company,
          letter: ids.length > 1 ? ('AB'[at] ?? '') : '',
        })),
  );
  return Promise.all(
    wanted.map(async ({ block, subject, letter }) => {
      const snapshot = await library.newestSnapshot(run.org, subject, block);
      const title = `${letter === '' ? '' : `${letter}: `}${titles.get(block) ?? block}`;
      if (snapshot === undefined) return { title };
      const { text } = snapshot;
      return { title, text: letter === '' ? text : text.replaceAll(/\[(S\d+)\]/g, `[${letter}:$1]`) };
    }),
  );
}

/** Sources, profile, question, what it builds on, and the model: another of them is another answer. */
function hashOf(facts: IntelligenceFacts, sources: Source[][], model: string): string {
  const { block, companies, earlier } = facts;
  const of = [
    TEMPLATE_VERSION,
    plainModelName(model),
    block,
    companies.map(({ name, description, website }) => [name, description, website]),
    sources.map((list) => list.map(({ label, title, hash }) => [label, title, hash])),
    earlier,
  ];
  return createHash('sha256').update(JSON.stringify(of)).digest('hex');
}

async function freshSnapshot(
  library: IntelligenceLibrary,
  run: FrozenRun,
  subject: string,
  block: string,
  inputHash: string,
): Promise<Snapshot | undefined> {
  if (run.options.regenerateAll) return undefined;
  const newest = await library.newestSnapshot(run.org, subject, block);
  if (newest === undefined || newest.inputHash !== inputHash) return undefined;
  const freshMs = (await library.freshnessDays(run.org)) * DAY_MS;
  return Date.now() - newest.createdAt.getTime() <= freshMs ? newest : undefined;
}
