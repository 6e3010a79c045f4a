import { createHistogram, toPrometheus } from '../../api/prometheus.ts';

test('metrics are written as Prometheus reads them', () => {
  const text = toPrometheus([
    { name: 'a_total', type: 'counter', help: 'What\na\\b is.', samples: [{ value: 3 }] },
    {
      name: 'b',
      type: 'gauge',
      help: 'b.',
      samples: [{ labels: { type: 'say "x"', of: 'y' }, value: 0.5 }, { value: undefined }],
    },
  ]);
  expect(text).toBe(
    [
      '# HELP a_total What\\na\\\\b is.',
      '# TYPE a_total counter',
      'a_total 3',
      '# HELP b b.',
      '# TYPE b gauge',
      'b{type="say \\"x\\"",of="y"} 0.5',
      'b NaN',
      '',
    ].join('\n'),
  );
});

test('a histogram counts each duration in every bucket that it does not exceed', () => {
  const histogram = createHistogram();
  for (const ms of [0.4, 5, 5.1, 2000]) histogram.add(ms);
  const samples = histogram.samples().map(({ suffix, labels, value }) => [suffix, labels?.le, value]);
  expect(samples).toEqual([
    ['_bucket', '1', 1],
    ['_bucket', '2.5', 1],
    ['_bucket', '5', 2],
    ['_bucket', '10', 3],
    ['_bucket', '25', 3],
    ['_bucket', '50', 3],
    ['_bucket', '100', 3],
    ['_bucket', '250', 3],
    ['_bucket', '1000', 3],
    ['_bucket', '+Inf', 4],
    ['_sum', undefined, 2010.5],
    ['_count', undefined, 4],
  ]);
});
