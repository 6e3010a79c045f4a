import { escapeHtml } from './escape-html.ts';
import { overTime } from './over-time.ts';
import type { Report } from './report.ts';
import { usd } from './words.ts';

const WIDTH = 720;
const HEIGHT = 200;
const [LEFT, RIGHT, TOP, BOTTOM] = [64, 8, 8, 24];
/** Dates below the bars, at most. */
const MOST_DATES = 8;

/** The spending over time as bars, drawn in the page itself; nothing where nothing was spent. */
export function chartOf(report: Report): string {
  const { by, points } = overTime(report);
  const highest = Math.max(0, ...points.map(({ totalCost }) => totalCost));
  if (highest <= 0) return '';
  const top = roundedUp(highest);
  const [room, base] = [HEIGHT - TOP - BOTTOM, HEIGHT - BOTTOM];
  const step = (WIDTH - LEFT - RIGHT) / points.length;
  const thick = Math.min(step * 0.8, 40);
  const bars = points.map(({ start, totalCost }, index) => {
    // A day of credits has no bar: its amount stands in the table.
    const height = Math.max(0, (totalCost / top) * room);
    const x = LEFT + index * step + (step - thick) / 2;
    const place = `x="${x.toFixed(1)}" y="${(base - height).toFixed(1)}"`;
    const size = `width="${thick.toFixed(1)}" height="${height.toFixed(1)}"`;
    return `<rect ${place} ${size}><title>${escapeHtml(`${start}: ${usd(totalCost)}`)}</title></rect>`;
  });
  const title = `Spend by ${by}`;
  return [
    `<section><h2>${title}</h2><div class="wide">`,
    `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}" fill="#2b6cb0" font-size="11">`,
    ...[0, 0.5, 1].map((share) => gridLine(base - share * room, usd(share * top))),
    ...bars,
    ...datesOf(points, step),
    '</svg></div></section>',
  ].join('\n');
}

function gridLine(y: number, label: string): string {
  return (
    `<path d="M${LEFT} ${y}H${WIDTH - RIGHT}" stroke="#d5dbe3"/>` +
    `<text x="${LEFT - 6}" y="${y + 4}" text-anchor="end" fill="#5a6675">${escapeHtml(label)}</text>`
  );
}

function datesOf(points: readonly { start: string }[], step: number): string[] {
  const every = Math.ceil(points.length / MOST_DATES);
  return points.flatMap(({ start }, index) => {
    if (index % every !== 0) return [];
    const x = (LEFT + (index + 0.5) * step).toFixed(1);
    const place = `x="${x}" y="${HEIGHT - 6}" text-anchor="middle"`;
    return [`<text ${place} fill="#5a6675">${escapeHtml(start.slice(5))}</text>`];
  });
}

/** The next of 1, 2, 5 × 10ⁿ. */
function roundedUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 5, 10].find((each) => each * power >= value) ?? 10;
  return step * power;
}
