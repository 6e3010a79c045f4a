import { createStyle, type Style, wantsColour } from './style.ts';

/** Where a command speaks: results on stdout, everything on the way there on stderr. */
export interface Output {
  json: boolean;
  /** stderr is a terminal, so that lines may be drawn over. */
  live: boolean;
  style: Style;
  /** A line of the result for people; nothing with `--json`. */
  line(text?: string): void;
  /** Progress and remarks, on stderr. */
  note(text: string): void;
  /** With `--json` the one line on stdout; else nothing. */
  result(value: object): void;
}

export interface OutputStreams {
  stdout: NodeJS.WritableStream & { isTTY?: boolean };
  stderr: NodeJS.WritableStream & { isTTY?: boolean };
}

export function createOutput(streams: OutputStreams, json: boolean, environment: NodeJS.ProcessEnv): Output {
  const { stdout, stderr } = streams;
  let written = false;
  return {
    json,
    live: stderr.isTTY === true && environment.TERM !== 'dumb' && environment.CI === undefined,
    style: createStyle(wantsColour(stdout, environment) && wantsColour(stderr, environment)),
    line(text = '') {
      if (!json) stdout.write(`${text}\n`);
    },
    note(text) {
      stderr.write(`${text}\n`);
    },
    result(value) {
      if (!json) return;
      if (written) throw new Error('A command has one result.');
      written = true;
      stdout.write(`${JSON.stringify(value)}\n`);
    },
  };
}
