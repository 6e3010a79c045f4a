import { type SourceFormat, textOfSource } from '../../../kinds/intelligence/read/source-text.ts';
import { rejectionOf } from '../../gateways/llm/request.ts';

const text = (content: string | Uint8Array, format: SourceFormat) =>
  textOfSource(typeof content === 'string' ? Buffer.from(content) : content, format);

/** The smallest PDF that shows a line of text. */
function pdf(line: string): Buffer {
  const stream = `BT /F1 12 Tf 72 720 Td (${line}) Tj ET`;
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R ' +
      '/Resources << /Font << /F1 5 0 R >> >> >>',
    `<< /Length ${stream.length} >>\nstream\n${stream}\nendstream`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
  ];
  let body = '%PDF-1.4\n';
  const offsets = objects.map((object, index) => {
    const offset = body.length;
    body += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return offset;
  });
  const entries = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  const start = body.length;
  const trailer = 'trailer\n<< /Size 6 /Root 1 0 R >>';
  body += `xref\n0 6\n0000000000 65535 f \n${entries}${trailer}\nstartxref\n${start}\n%%EOF\n`;
  return Buffer.from(body, 'latin1');
}

test('text and Markdown stay, but for needless space', async () => {
  expect(await text('\uFEFF# Title\r\n\r\n\r\n\r\nA  line of   text.\t', 'markdown')).toBe(
    '# Title\n\nA line of text.',
  );
});

test('of HTML the text is read, without scripts, styles, navigation and links', async () => {
  const page =
    '<html><head><style>p{}</style><script>alert(1)</script></head><body><nav>Home</nav>' +
    '<h1>A Title</h1><p>The <a href="http://x">company</a> sells &amp; buys.</p></body></html>';
  expect(await text(page, 'html')).toBe('A Title\n\nThe company sells & buys.');
});

test('of a PDF the text is read', async () => {
  expect(await text(pdf('The company was founded in 2009.'), 'pdf')).toBe('The company was founded in 2009.');
});

test.each<[string, string | Uint8Array, SourceFormat, string]>([
  ['nothing', '  \n ', 'text', 'next to no text'],
  ['too much', 'a word '.repeat(57_200), 'text', 'has 400399 characters of text, at most 400000'],
  ['a binary file', 'abc\0def this is no text at all', 'text', 'binary'],
  ['another encoding', Uint8Array.of(0x48, 0xe4, 0xff, 0x20, 0x41), 'text', 'UTF-8'],
  ['text that calls itself PDF', 'The company was founded in 2009.', 'pdf', 'is not a PDF'],
  ['a PDF that breaks off', pdf('x').subarray(0, 60), 'pdf', 'cannot be read'],
  ['a page without text', '<html><body><img src="x"></body></html>', 'html', 'next to no text'],
])('%s is refused with a reason', async (_what, content, format, words) => {
  const error = await rejectionOf(text(content, format));
  expect(error).toMatchObject({ code: 'invalid_input', details: [{ field: 'file' }] });
  expect((error as Error).message).toContain(words);
});
