import type { Interrupts } from './interrupts.ts';
import type { Output } from './show/output.ts';

/** The options that every command takes. */
export interface GlobalOptions {
  json: boolean;
  ephemeral: boolean;
  /** Base address of an API, e.g. `http://127.0.0.1:3000`. */
  url?: string;
  apiKey?: string;
}

/** What every command works with. A command returns the exit code, or throws. */
export interface CommandContext {
  globals: GlobalOptions;
  output: Output;
  interrupts: Interrupts;
  environment: NodeJS.ProcessEnv;
  /** Working directory: paths are relative to it, and `.bursar` lies in it. */
  directory: string;
}
