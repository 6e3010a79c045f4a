import type { Mapping } from './columns.ts';

/** Where the ingestion of a file stands. */
export const INGESTION_STATES = [
  'receiving',
  'queued',
  'running',
  'completed',
  'completed_with_errors',
  'failed',
  'cancelled',
] as const;
export type IngestionState = (typeof INGESTION_STATES)[number];

/** Nothing of it is written any more. */
export const ENDED_INGESTIONS: readonly IngestionState[] = [
  'completed',
  'completed_with_errors',
  'failed',
  'cancelled',
];

/** Rows of a file, of which some are done. */
interface Done {
  rows: number;
  total: number;
  state: IngestionState;
  startedAt?: Date;
  /** When the last of them were done. */
  movedAt: Date;
}

/**
 * How far it is, in percent with one decimal (100 only when all is done), how fast, and how long it will take
 * at that pace; null where nothing is known yet, or nothing is to be done any more.
 */
export function ingestionProgress({ rows, total, state, startedAt, movedAt }: Done) {
  const isAll = rows >= total && state !== 'receiving';
  const percent = isAll ? 100 : Math.min(99.9, Math.floor((rows / Math.max(1, total)) * 1000) / 10);
  const seconds = startedAt === undefined ? 0 : (movedAt.getTime() - startedAt.getTime()) / 1000;
  const rowsPerSecond = seconds > 0 && rows > 0 ? Math.round(rows / seconds) : null;
  const isAtWork = state === 'running' && rowsPerSecond !== null;
  const etaSeconds = isAtWork ? Math.ceil((total - rows) / Math.max(1, rowsPerSecond)) : null;
  return { rows, total, percent, rowsPerSecond, etaSeconds };
}

/** A mapping as it is stored. */
export interface PlainMapping {
  columns: [string, string][];
  constants: [string, string][];
  epoch?: { from: Date; unitMs: number };
}

export function toPlainMapping({ columns, constants, epoch }: Mapping): PlainMapping {
  return { columns: [...columns], constants: [...constants], ...(epoch !== undefined && { epoch }) };
}

export function fromPlainMapping({ columns, constants, epoch }: PlainMapping): Mapping {
  const pairs = (of: [string, string][]) => new Map(of) as Mapping['columns'];
  return { columns: pairs(columns), constants: pairs(constants), ...(epoch !== undefined && { epoch }) };
}
