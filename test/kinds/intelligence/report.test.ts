import { reportHtml, reportMarkdown } from '../../../kinds/intelligence/report.ts';

const REPORT = {
  title: 'Larkspur <b>',
  at: new Date('2026-01-02T03:04:05Z'),
  parts: [
    {
      heading: 'Larkspur',
      about: 'Parcels.',
      blocks: [
        {
          title: 'Profile',
          text: '- It has **340** people. [S1]\n- <script>alert(1)</script> ![x](http://x/y.png) [S1]',
        },
        { title: 'Market', missing: 'the provider declined' },
      ],
      sources: [{ label: 'S1', title: 'profile', addedAt: new Date('2026-01-01T00:00:00Z') }],
    },
  ],
};

test('a report has its answers, says what is missing and why, and lists its sources', () => {
  expect(reportMarkdown(REPORT)).toBe(
    [
      '# Larkspur <b>',
      '',
      'As of 2026-01-02.',
      '',
      '## Larkspur',
      '',
      'Parcels.',
      '',
      '### Profile',
      '',
      '- It has **340** people. [S1]\n- <script>alert(1)</script> ![x](http://x/y.png) [S1]',
      '',
      '### Market',
      '',
      '*Not done: the provider declined.*',
      '',
      '### Sources',
      '',
      '- [S1] profile, added 2026-01-01',
      '',
    ].join('\n'),
  );
});

test('as a page nothing of an answer runs, and nothing is loaded from another host', () => {
  const page = reportHtml(REPORT);
  expect(page).toContain('<strong>340</strong>');
  expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  expect(page).not.toMatch(/<script|<img|<link|src=/);
  expect(page).toContain('<title>Larkspur &#60;b&#62;</title>');
});
