import { isTimeZone } from '../budgets/zones.ts';
import type { ErrorDetail } from '../errors.ts';
import { CHANNEL_EVENTS } from './alert.ts';
import type { ChannelTerms } from './channel.ts';
import { metadataProblems } from './metadata-problems.ts';
import { settingProblems } from './setting-problems.ts';
import { targetProblems } from './target-problems.ts';

const MAX_NAME = 200;
const MOST_PER_HOUR = 10_000;
const CLOCK = /^([01]\d|2[0-3]):[0-5]\d$/;

/**
 * Everything that is wrong with a channel whose fields have the right types, by the names that the API has
 * for them; wherever it was set.
 */
export function channelProblems(terms: ChannelTerms): ErrorDetail[] {
  const { name, maximumPerHour } = terms;
  const problems: ErrorDetail[] = [];
  if (name.trim() === '' || name.length > MAX_NAME)
    problems.push({ field: 'name', problem: `must have 1 to ${MAX_NAME} characters` });
  if (!Number.isInteger(maximumPerHour) || maximumPerHour < 1 || maximumPerHour > MOST_PER_HOUR)
    problems.push({ field: 'maximumPerHour', problem: `must be a whole number from 1 to ${MOST_PER_HOUR}` });
  return [
    ...problems,
    ...targetProblems('target', terms, { slackAddresses: true }),
    ...eventProblems(terms.events),
    ...quietProblems(terms.quietHours),
    ...metadataProblems('metadata', terms.metadata),
    ...settingProblems(terms),
  ];
}

function eventProblems(events: string[]): ErrorDetail[] {
  return events.flatMap((event, at) => {
    const field = `events.${at}`;
    if (events.indexOf(event) < at) return [{ field, problem: `${event} is named twice` }];
    if (CHANNEL_EVENTS.some((type) => type === event)) return [];
    const problem = `${event.slice(0, 100)} is no event: there are ${CHANNEL_EVENTS.join(', ')}`;
    return [{ field, problem }];
  });
}

function quietProblems(quiet: ChannelTerms['quietHours']): ErrorDetail[] {
  if (quiet === undefined) return [];
  const { start, end, timeZone } = quiet;
  const problems: ErrorDetail[] = Object.entries({ start, end })
    .filter(([, clock]) => !CLOCK.test(clock))
    .map(([at]) => ({ field: `quietHours.${at}`, problem: 'must be a time of the day, like 22:00' }));
  if (problems.length === 0 && start === end)
    problems.push({
      field: 'quietHours.end',
      problem: 'must differ from start: else it would be always quiet',
    });
  if (!isTimeZone(timeZone))
    problems.push({
      field: 'quietHours.timeZone',
      problem: 'must be the name of a time zone, like UTC or Europe/Berlin',
    });
  return problems;
}
