import { CommanderError } from 'commander';
import { AppError, type ErrorDetail } from '../../domain/errors.ts';
import { Interrupted } from '../exit-codes.ts';

const SHOWN_DETAILS = 20;

/**
 * What goes to stderr when a command ends with an error: one line, and further ones only where they say
 * more.
 */
export function errorLines(error: unknown, debug: boolean): string[] {
  if (error instanceof Interrupted) return [error.message === '' ? 'stopped' : error.message];
  // commander has said it already.
  if (error instanceof CommanderError) return [];
  if (error instanceof AppError) {
    const lines = [`error: ${error.publicMessage}`, ...detailLines(error)];
    return debug ? [...lines, stackOf(error.cause ?? error)] : lines;
  }
  if (debug) return [`error: ${stackOf(error)}`];
  const message = error instanceof Error ? error.message : String(error);
  return [`error: unexpected: ${message} (--debug shows where)`];
}

/** The same for `--json`, on stdout. */
export function errorObject(error: unknown): {
  error: { code: string; message: string; details?: ErrorDetail[] };
} {
  if (error instanceof AppError) {
    const { code, publicMessage: message, details } = error;
    return { error: { code, message, ...(details.length === 0 ? {} : { details }) } };
  }
  const message = error instanceof Error ? error.message : String(error);
  const code =
    error instanceof Interrupted ? 'cancelled' : error instanceof CommanderError ? 'usage' : 'unexpected';
  return { error: { code, message: message.replace(/^error: /, '') } };
}

/** Details that the message does not tell already. */
function detailLines({ publicMessage, details }: AppError): string[] {
  const told = (text: string | undefined) => text !== undefined && publicMessage.includes(text);
  if (details.length === 1 && told(details[0]?.field)) return [];
  const news = details.filter(({ problem }) => !told(problem));
  const lines = news.map(({ field, problem }) => `  ${field === undefined ? '' : `${field}: `}${problem}`);
  if (lines.length <= SHOWN_DETAILS) return lines;
  return [...lines.slice(0, SHOWN_DETAILS), `  and ${lines.length - SHOWN_DETAILS} more`];
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
