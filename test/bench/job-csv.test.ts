import { JOB_SPAN, jobCsv } from './job-csv.ts';

test.each([false, true])(
  'the jobs of the bench are as many as asked, of the year, the same every time; scattered: %s',
  (scattered) => {
    const text = [...jobCsv(1_234, scattered)].join('');
    expect([...jobCsv(1_234, scattered)].join('')).toBe(text);
    const [head, ...lines] = text.trimEnd().split('\n');
    const columns = head?.split(',') ?? [];
    expect(new Set(lines).size).toBe(1_234);
    const start = columns.indexOf('start_time');
    const end = columns.indexOf('end_time');
    const starts = lines.map((line) => line.split(',')[start] ?? '');
    expect(starts.every((each, index) => index === 0 || (starts[index - 1] ?? '') <= each)).toBe(!scattered);
    for (const line of lines) {
      const cells = line.split(',');
      expect(cells).toHaveLength(columns.length);
      const [from = '', to = ''] = [cells[start], cells[end]];
      expect(from <= to && from.slice(0, 10) >= JOB_SPAN.start && to.slice(0, 10) <= JOB_SPAN.end).toBe(true);
    }
  },
);
