import { AppError } from '../domain/errors.ts';
import type { Client } from './client/client.ts';
import type { CommandContext } from './context.ts';
import { openRunning } from './session.ts';

/** The API that commands in this folder would use, if one runs. */
export interface ApiCheck {
  url?: string;
  /** The user named it, so it has to be there. */
  named: boolean;
  status?: Awaited<ReturnType<Client['status']>>;
  problem?: string;
  mend?: string;
}

/** Asks the API that is named or runs here how it is; starts nothing. */
export async function inspectApi(context: CommandContext): Promise<ApiCheck> {
  const named = context.globals.url !== undefined || (context.environment.BURSAR_URL ?? '') !== '';
  let url: string | undefined;
  try {
    const session = await openRunning(context);
    if (session === undefined) return { named };
    url = session.client.apiUrl;
    return { url, named, status: await session.client.status() };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const shown = url ?? context.globals.url ?? context.environment.BURSAR_URL ?? '';
    const mend =
      error.code === 'not_authenticated'
        ? 'Give its key: --api-key or BURSAR_API_KEY.'
        : 'Start it (bursar up), or name another --url.';
    return { url: shown, named, problem: error.publicMessage, mend };
  }
}
