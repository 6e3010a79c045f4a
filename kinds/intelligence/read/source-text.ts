import { convert } from 'html-to-text';
import { PDFParse } from 'pdf-parse';
import { invalidInput } from '../../../domain/errors.ts';

export const SOURCE_FORMATS = ['text', 'markdown', 'html', 'pdf'] as const;
export type SourceFormat = (typeof SOURCE_FORMATS)[number];

/** Of one document: about 60,000 words. More would not be read to its end, and nobody would know. */
const MAX_CHARACTERS = 400_000;
const LEAST_CHARACTERS = 20;

/**
 * The text of a document. @throws AppError `invalid_input` for what cannot be read, has next to no text, or
 * is not what its format says.
 */
export async function textOfSource(bytes: Uint8Array, format: SourceFormat): Promise<string> {
  const text = tidy(format === 'pdf' ? await textOfPdf(bytes) : textOfMarkup(bytes, format));
  if (text.length < LEAST_CHARACTERS)
    throw wrong(`holds next to no text (${text.length} characters); a scanned page has none`);
  if (text.length > MAX_CHARACTERS)
    throw wrong(
      `has ${text.length} characters of text, at most ${MAX_CHARACTERS} may be: split it into parts`,
    );
  return text;
}

function textOfMarkup(bytes: Uint8Array, format: 'text' | 'markdown' | 'html'): string {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw wrong('is not text in UTF-8');
  }
  if (text.includes('\0')) throw wrong('is a binary file');
  if (format !== 'html') return text;
  return convert(text, {
    wordwrap: false,
    limits: { maxInputLength: 20_000_000 },
    selectors: [
      { selector: 'a', options: { ignoreHref: true } },
      { selector: 'img', format: 'skip' },
      { selector: 'nav', format: 'skip' },
      ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((selector) => ({
        selector,
        options: { uppercase: false },
      })),
    ],
  });
}

async function textOfPdf(bytes: Uint8Array): Promise<string> {
  if (new TextDecoder('latin1').decode(bytes.subarray(0, 5)) !== '%PDF-') throw wrong('is not a PDF');
  // It takes the bytes away from whoever brought them.
  const parser = new PDFParse({ data: bytes.slice() });
  try {
    const { text } = await parser.getText({ pageJoiner: '' });
    return text;
  } catch {
    throw wrong('is a PDF that cannot be read: it is damaged or needs a password');
  } finally {
    await parser.destroy();
  }
}

/** Without what no reader needs. */
function tidy(text: string): string {
  return text
    .replace(/^\uFEFF/, '')
    .replace(/\r\n?/g, '\n')
    .replace(/[^\S\n]+/g, ' ')
    .replace(/ *\n */g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

function wrong(problem: string) {
  return invalidInput(`the document ${problem}`, [{ field: 'file', problem }]);
}
