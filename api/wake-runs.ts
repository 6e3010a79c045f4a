import type { ApiDeps } from './deps.ts';

/**
 * Tells a run that waits for money to look again, which passes it on to the next. A message that is lost
 * costs a minute: they look by themselves as well.
 */
export function wakeSoon(deps: ApiDeps, org: string): void {
  deps.workflows.wake(org).catch((error: unknown) => {
    deps.logger.warn({ err: error, org }, 'runs that wait for money will look by themselves');
  });
}
