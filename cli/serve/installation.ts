import { join } from 'node:path';
import { packageRoot, versionIn } from './place.ts';

/** Node and the packages that most depends on. */
export interface InstallationCheck {
  version: string;
  node: string;
  nodeIsNewEnough: boolean;
  platform: string;
  packages: { name: string; version?: string }[];
}

const IMPORTANT = ['@temporalio/worker', '@temporalio/client', 'mongoose', 'hono', 'ai'];
const OLDEST_NODE: [number, number] = [20, 19];

export function inspectInstallation(): InstallationCheck {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const nodeIsNewEnough = major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1]);
  return {
    version: versionIn(packageRoot) ?? 'unknown',
    node: process.versions.node,
    nodeIsNewEnough,
    platform: `${process.platform} ${process.arch}`,
    packages: IMPORTANT.map((name) => {
      const version = versionIn(join(packageRoot, 'node_modules', name));
      return { name, ...(version === undefined ? {} : { version }) };
    }),
  };
}
