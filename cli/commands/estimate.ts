import type { CommandContext } from '../context.ts';
import { type DocumentOptions, document } from './document.ts';

/** `bursar estimate`: the dry run of `document`, under the name that people look for. */
export function estimate(
  context: CommandContext,
  path: string,
  options: Omit<DocumentOptions, 'dryRun'>,
): Promise<number> {
  return document(context, path, { ...options, dryRun: true });
}
