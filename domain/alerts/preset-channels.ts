import { type ErrorDetail, invalidInput } from '../errors.ts';
import { firstProblem } from '../issues.ts';
import type { AlertType } from './alert.ts';
import { CHANNEL_DEFAULTS, type Channel, type ChannelTerms, type ChannelType } from './channel.ts';
import { channelProblems } from './channel-problems.ts';

/** What is spent on models, and what stops it. */
const AI_COSTS: AlertType[] = [
  'budget_threshold',
  'forecast_overrun',
  'breaker_opened',
  'breaker_closed',
  'breaker_long_open',
  'user_limit',
  'anomaly',
];

/** What the configuration file and the environment say of channels, all of one organization. */
export interface PresetSettings {
  org: string;
  configured: ChannelTerms[];
  ADMIN_EMAIL?: string | undefined;
  SLACK_CHANNEL_ALERTS?: string | undefined;
  SLACK_CHANNEL_AI_COSTS?: string | undefined;
}

const VARIABLES = {
  ADMIN_EMAIL: { id: 'chn_env_admin_email', type: 'email', name: 'E-mail to the admin', events: [] },
  SLACK_CHANNEL_ALERTS: { id: 'chn_env_slack_alerts', type: 'slack', name: 'Slack, alerts', events: [] },
  SLACK_CHANNEL_AI_COSTS: {
    id: 'chn_env_slack_ai_costs',
    type: 'slack',
    name: 'Slack, costs of AI',
    events: AI_COSTS,
  },
} satisfies Record<string, { id: string; type: ChannelType; name: string; events: AlertType[] }>;

/**
 * The channels that nobody can change over the API. Their ids stay the same from start to start: those of the
 * file follow from their names.
 * @throws AppError `invalid_input` that names the variable, or the place in the file.
 */
export function presetChannels(settings: PresetSettings): Channel[] {
  const { org, configured } = settings;
  const problems = configured.flatMap((terms, at) => configuredProblems(configured, terms, at));
  const fromFile = configured.map(
    (terms): Channel => ({ ...terms, id: idOfName(terms.name), org, source: 'configuration' }),
  );
  const fromEnvironment = Object.entries(VARIABLES).flatMap(([variable, { id, ...rest }]): Channel[] => {
    const target = settings[variable as keyof typeof VARIABLES];
    if (target === undefined) return [];
    const terms = { ...CHANNEL_DEFAULTS, ...rest, metadata: {}, target };
    problems.push(...channelProblems(terms).map(({ problem }) => ({ field: variable, problem })));
    return [{ ...terms, id, org, source: 'environment' }];
  });
  if (problems.length > 0)
    throw invalidInput(`the preset channels are not valid: ${firstProblem(problems)}`, problems);
  return [...fromFile, ...fromEnvironment];
}

function configuredProblems(all: ChannelTerms[], terms: ChannelTerms, at: number): ErrorDetail[] {
  const field = `notificationChannels.${at}`;
  const problems = channelProblems(terms).map((detail) => ({ ...detail, field: `${field}.${detail.field}` }));
  const same = all.findIndex(({ name }) => idOfName(name) === idOfName(terms.name));
  if (same < at)
    problems.push({ field: `${field}.name`, problem: `is like that of notificationChannels.${same}` });
  return problems;
}

function idOfName(name: string): string {
  const word = name.toLowerCase().replaceAll(/[^\p{L}\p{N}]+/gu, '_');
  return `chn_config_${word.replaceAll(/^_+|_+$/g, '').slice(0, 100)}`;
}

/** Where a preset channel is changed. */
export function placeOf({ id, source }: Channel): string {
  if (source === 'configuration') return 'the configuration file, under notificationChannels';
  const [variable] = Object.entries(VARIABLES).find(([, each]) => each.id === id) ?? ['its variable'];
  return `the environment, as ${variable}`;
}

/** Whom to tell of an organization: its enabled channels, or the log where there is none. */
export function toldChannels(org: string, channels: Channel[]): Channel[] {
  const enabled = channels.filter((channel) => channel.enabled);
  return enabled.length > 0 ? enabled : [logOf(org)];
}

/** Where things are told that can be told nowhere else. */
export function logOf(org: string): Channel {
  const terms = { ...CHANNEL_DEFAULTS, events: [], metadata: {}, name: 'Log', type: 'log' as const };
  return { ...terms, id: 'chn_log', org, source: 'environment' };
}
