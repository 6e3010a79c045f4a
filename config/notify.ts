import type { Channel } from '../domain/alerts/channel.ts';
import { presetChannels } from '../domain/alerts/preset-channels.ts';
import { credentialsFrom } from './credentials.ts';
import type { Environment } from './environment.ts';

/** How people are told, as the environment says it. */
export function notifySettings(environment: Environment) {
  const {
    SMTP_HOST: host,
    SLACK_BOT_TOKEN: botToken,
    BURSAR_DEFAULT_ORGANIZATION: organization,
  } = environment;
  const { encryption } = credentialsFrom(environment);
  return {
    ...(host !== undefined && { smtp: smtpOf(host, environment) }),
    slack: { apiUrl: environment.SLACK_API_URL, organization, ...(botToken !== undefined && { botToken }) },
    allowPrivateWebhooks: environment.BURSAR_ALLOW_PRIVATE_WEBHOOKS,
    ...(encryption !== undefined && { encryption }),
  };
}

function smtpOf(
  host: string,
  { SMTP_PORT: port, SMTP_USER: user, SMTP_PASS: password, SMTP_FROM }: Environment,
) {
  return {
    host,
    port,
    ...(user !== undefined && { user }),
    ...(password !== undefined && { password }),
    from: SMTP_FROM ?? (user?.includes('@') ? user : `Bursar <bursar@${host}>`),
  };
}

/**
 * The channels that the configuration file and the environment set, for the default organization.
 * @throws AppError `invalid_input` that names the place.
 */
export function presetChannelsOf(environment: Environment): Channel[] {
  return presetChannels({
    org: environment.BURSAR_DEFAULT_ORGANIZATION,
    configured: environment.BURSAR_NOTIFICATION_CHANNELS ?? [],
    ADMIN_EMAIL: environment.ADMIN_EMAIL,
    SLACK_CHANNEL_ALERTS: environment.SLACK_CHANNEL_ALERTS,
    SLACK_CHANNEL_AI_COSTS: environment.SLACK_CHANNEL_AI_COSTS,
  });
}
