import type { CommandContext, GlobalOptions } from './context.ts';
import { exitCodeOfError } from './exit-codes.ts';
import { listenForInterrupts } from './interrupts.ts';
import { createProgram } from './program.ts';
import { errorLines, errorObject } from './show/error.ts';
import { createOutput } from './show/output.ts';

const { env, stdout, stderr, argv } = process;
const interrupts = listenForInterrupts();

// A reader that went away (`bursar runs list | head -1`) is no error.
stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

let exitCode = 0;
const debug = env.BURSAR_DEBUG === '1' || argv.includes('--debug');
// The programs that a command starts are to say everything, too.
const environment = debug ? { ...env, BURSAR_DEBUG: '1' } : env;
let output = createOutput({ stdout, stderr }, argv.includes('--json'), env);

const program = createProgram(async (globals: GlobalOptions, command) => {
  output = createOutput({ stdout, stderr }, globals.json, env);
  const context: CommandContext = { globals, output, interrupts, environment, directory: process.cwd() };
  exitCode = await command(context);
});

try {
  await program.parseAsync(argv);
} catch (error) {
  exitCode = exitCodeOfError(error);
  for (const line of errorLines(error, debug)) output.note(line);
  if (exitCode !== 0) output.result(errorObject(error));
}
// Idle connections must not keep the program alive, and the last line must be out before it ends.
stdout.write('', () => process.exit(exitCode));
