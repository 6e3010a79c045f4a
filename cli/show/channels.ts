import type { Channel } from '../client/channels.ts';
import { shorten } from './format.ts';
import type { Style } from './style.ts';
import { tableLines } from './table.ts';

const TARGET_WIDTH = 50;

/** Channels as a table. */
export function channelTable(channels: Channel[], style: Style): string[] {
  const columns = ['channel', 'name', 'type', 'target', 'told of', 'from', 'set by'].map((title) => ({
    title,
  }));
  const rows = channels.map((channel) => [
    channel.id,
    channel.enabled ? channel.name : `${channel.name} ${style.faint('(off)')}`,
    channel.type,
    channel.target === '' ? '–' : shorten(channel.target, TARGET_WIDTH),
    channel.events.length === 0 ? 'everything' : `${channel.events.length} types`,
    channel.minimumSeverity,
    channel.source,
  ]);
  return tableLines(columns, rows, style.bold);
}

/** One channel in full. */
export function channelLines(channel: Channel): string[] {
  const { quietHours: quiet, metadata } = channel;
  const settings = Object.entries(metadata).map(([name, value]) => `${name}=${shorten(String(value), 60)}`);
  const facts: [string, string][] = [
    ['channel', `${channel.id}, ${channel.name}${channel.enabled ? '' : ' (off)'}`],
    ['type', channel.type],
    ['target', channel.target],
    ['told of', channel.events.join(', ') || 'everything'],
    ['from', channel.minimumSeverity],
    ['quiet', quiet === null ? '' : `${quiet.start} to ${quiet.end}, ${quiet.timeZone}`],
    ['digest', channel.digest],
    ['at most', `${channel.maximumPerHour} an hour`],
    ['else', channel.fallback ?? ''],
    ['with', settings.join(', ')],
    ['set by', channel.source],
  ];
  return facts.filter(([, value]) => value !== '').map(([name, value]) => `${name.padEnd(8)} ${value}`);
}
