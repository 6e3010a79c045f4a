import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/** What signing in at an API has brought. */
interface KeptToken {
  token: string;
  /** ISO 8601. */
  expiresAt: string;
}

type Tokens = Record<string, KeptToken>;

/** The token for an API, where one is kept and has not expired. */
export function keptToken(environment: NodeJS.ProcessEnv, apiUrl: string): string | undefined {
  const kept = read(pathOf(environment))[apiUrl];
  return kept !== undefined && Date.parse(kept.expiresAt) > Date.now() ? kept.token : undefined;
}

/** Keeps a token, or with undefined forgets it. The file is written whole, readable by its owner only. */
export function keepToken(
  environment: NodeJS.ProcessEnv,
  apiUrl: string,
  token: KeptToken | undefined,
): void {
  const path = pathOf(environment);
  const { [apiUrl]: _before, ...others } = read(path);
  const tokens: Tokens = token === undefined ? others : { ...others, [apiUrl]: token };
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(tokens)}\n`, { mode: 0o600 });
  renameSync(draft, path);
}

function pathOf(environment: NodeJS.ProcessEnv): string {
  const folder = environment.XDG_CONFIG_HOME || join(homedir(), '.config');
  return join(folder, 'bursar', 'tokens.json');
}

function read(path: string): Tokens {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Tokens;
  } catch {
    return {};
  }
}
