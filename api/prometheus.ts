/** One metric in Prometheus' text format (https://prometheus.io/docs/instrumenting/exposition_formats/). */
export interface Metric {
  name: string;
  type: 'gauge' | 'counter' | 'histogram';
  help: string;
  /** Undefined is not known, which Prometheus writes as NaN. */
  samples: { suffix?: string; labels?: Record<string, string>; value: number | undefined }[];
}

export const PROMETHEUS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** The metrics as Prometheus reads them. */
export function toPrometheus(metrics: readonly Metric[]): string {
  const lines = metrics.flatMap(({ name, type, help, samples }) => [
    `# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}`,
    `# TYPE ${name} ${type}`,
    ...samples.map(({ suffix = '', labels = {}, value }) => {
      return `${name}${suffix}${labelsOf(labels)} ${value ?? 'NaN'}`;
    }),
  ]);
  return `${lines.join('\n')}\n`;
}

function labelsOf(labels: Record<string, string>): string {
  const parts = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return parts.length === 0 ? '' : `{${parts.join(',')}}`;
}

const LIMITS_MS = [1, 2.5, 5, 10, 25, 50, 100, 250, 1000];

/** How long something took, as a histogram of milliseconds. */
export function createHistogram() {
  const counts = LIMITS_MS.map(() => 0);
  let count = 0;
  let sum = 0;
  return {
    add(ms: number): void {
      count += 1;
      sum += ms;
      for (const [at, limit] of LIMITS_MS.entries()) if (ms <= limit) counts[at] = (counts[at] ?? 0) + 1;
    },
    samples(): Metric['samples'] {
      const buckets = LIMITS_MS.map((limit, at) => ({
        suffix: '_bucket',
        labels: { le: String(limit) },
        value: counts[at],
      }));
      return [
        ...buckets,
        { suffix: '_bucket', labels: { le: '+Inf' }, value: count },
        { suffix: '_sum', value: sum },
        { suffix: '_count', value: count },
      ];
    },
  };
}
