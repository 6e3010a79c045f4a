import { type Block, type Subject, snapshotIdOf, subjectKeyOf } from '../domain/company.ts';
import type { FrozenInput } from '../kinds/intelligence/input.ts';
import { standardBlocks } from '../kinds/intelligence/read/blocks.ts';
import type { Report, ReportPart } from '../kinds/intelligence/report.ts';
import type { SourceOutline } from '../store/company-sources.ts';
import type { RunItem } from '../store/run-items.ts';
import type { Run } from '../store/run-record.ts';
import { findCompany } from './companies.ts';
import type { ApiDeps } from './deps.ts';

const PAGE = 100;

/** What is known of a company by now, whichever runs have found it: the newest answer to each block. */
export async function companyReport(deps: ApiDeps, org: string, id: string): Promise<Report> {
  const company = await findCompany(deps, org, id);
  const { snapshots } = deps.store;
  const subject = subjectKeyOf({ company: id });
  const standard = standardBlocks().blocks;
  const known = new Set(standard.map((block) => block.id));
  // Blocks of users' own are known by their ids alone.
  const own = (await snapshots.blocksOf(org, subject)).filter((block) => !known.has(block));
  const asked = [...standard, ...own.map((block) => ({ id: block, title: block }))];
  const blocks = await Promise.all(
    asked.map(async ({ id: block, title }) => {
      const snapshot = await snapshots.newest(org, subject, block);
      return snapshot === undefined
        ? { title, missing: 'no run has asked for it yet' }
        : { title, text: snapshot.text };
    }),
  );
  const part = { heading: company.name, about: company.description, blocks };
  return {
    title: company.name,
    at: new Date(),
    parts: [{ ...part, sources: await sourcesOf(deps, org, id) }],
  };
}

async function sourcesOf(deps: ApiDeps, org: string, id: string): Promise<SourceOutline[]> {
  const sources: SourceOutline[] = [];
  for (;;) {
    const page = await deps.store.companySources.outlines(org, id, { limit: PAGE, skip: sources.length });
    sources.push(...page.rows);
    if (page.cursor === undefined) return sources;
  }
}

/** What a run has found or taken over; what is missing says why. */
export async function reportOf(deps: ApiDeps, run: Run): Promise<Report> {
  const input = run.input as FrozenInput;
  const ids = [input.companyId, ...(input.compareId === undefined ? [] : [input.compareId])];
  const items = await itemsByKey(deps, run);
  const parts: ReportPart[] = [];
  for (const id of ids) {
    const company = await deps.store.companies.find(run.org, id);
    parts.push({
      heading: company?.name ?? 'A company that is forgotten',
      about: company?.description ?? '',
      blocks: await Promise.all(input.blocks.map((block) => answerTo(deps, run, items, block, id))),
      sources: await sourcesOf(deps, run.org, id),
    });
  }
  if (input.comparison.length > 0)
    parts.push({
      heading: `${parts[0]?.heading} and ${parts[1]?.heading}`,
      about: comparedAs(parts, ids),
      blocks: await Promise.all(input.comparison.map((block) => answerTo(deps, run, items, block))),
      sources: [],
    });
  const title = parts
    .map(({ heading }) => heading)
    .slice(0, 2)
    .join(' and ');
  return { title, at: run.endedAt ?? new Date(), parts };
}

/** Citations of a comparison carry the letter of their company. */
function comparedAs(parts: ReportPart[], ids: string[]): string {
  const [first] = [...ids].sort();
  const [a, b] = first === ids[0] ? [parts[0], parts[1]] : [parts[1], parts[0]];
  return `A is ${a?.heading}, B is ${b?.heading}.`;
}

async function itemsByKey(deps: ApiDeps, run: Run): Promise<Map<string, RunItem>> {
  const items = new Map<string, RunItem>();
  for (let skip = 0; ; ) {
    const page = await deps.store.runItems.list(run.org, run._id, undefined, { limit: 100, skip });
    for (const item of page.rows) items.set(item.key, item);
    skip += page.rows.length;
    if (page.rows.length === 0 || skip >= page.total) return items;
  }
}

/** What the run has found itself, or the answer that it took over: the newest by then. */
async function answerTo(
  deps: ApiDeps,
  run: Run,
  items: ReadonlyMap<string, RunItem>,
  block: Block,
  company?: string,
) {
  const key = `${company ?? ''}:${block.id}`;
  const item = items.get(key);
  const { title } = block;
  if (item?.state !== 'done' && item?.state !== 'reused')
    return { title, missing: item?.failure?.message ?? 'it has not had its turn' };
  const { snapshots } = deps.store;
  const { companyId, compareId = '' } = run.input as FrozenInput;
  const both: Subject = { company: companyId, beside: compareId };
  const subject = subjectKeyOf(company === undefined ? both : { company });
  const snapshot =
    item.state === 'done'
      ? await snapshots.find(run.org, snapshotIdOf(run._id, item.seq))
      : await snapshots.newest(run.org, subject, block.id, item.endedAt ?? new Date());
  return snapshot === undefined
    ? { title, missing: 'its answer was removed' }
    : { title, text: snapshot.text };
}
