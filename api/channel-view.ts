import type { Channel } from '../domain/alerts/channel.ts';
import { secretsIn, shownTarget } from '../domain/alerts/channel-secrets.ts';
import { HIDDEN } from './budget-view.ts';
import type { ApiChannel } from './channel-schemas.ts';

/** A channel as the API shows it, wherever its secrets are. */
export function toApiChannel(channel: Channel): ApiChannel {
  const { target: _, ...secrets } = { ...secretsIn(channel), ...channel.sealed };
  const hidden = Object.keys(secrets).map((name) => [name, HIDDEN]);
  return {
    id: channel.id,
    name: channel.name,
    type: channel.type,
    target: shownTarget(channel),
    events: channel.events,
    minimumSeverity: channel.minimumSeverity,
    enabled: channel.enabled,
    fallback: channel.fallback ?? null,
    quietHours: channel.quietHours ?? null,
    digest: channel.digest,
    maximumPerHour: channel.maximumPerHour,
    metadata: { ...channel.metadata, ...Object.fromEntries(hidden) },
    source: channel.source,
  };
}
