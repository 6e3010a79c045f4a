import type { Service } from './server-versions.ts';

export interface ServiceProgress {
  service: Service;
  /** One line for people. */
  message: string;
  /** Of the present step, 0 to 1, where it is known. */
  fraction?: number;
}

export type Report = (progress: ServiceProgress) => void;

const REPORT_EVERY_MS = 1_000;

/** Seconds as people say them: `8 s`, `3 min 05 s`. */
export function spokenSeconds(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1_000);
  if (seconds < 60) return `${seconds} s`;
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
}

/** A reporter of one long step that adds the time passed and speaks at most once a second. */
export function steadyReport(service: Service, report: Report): (message: string, fraction?: number) => void {
  const startedAt = Date.now();
  let last = 0;
  return (message, fraction) => {
    const now = Date.now();
    if (now - last < REPORT_EVERY_MS) return;
    last = now;
    const text = `${message}, ${spokenSeconds(now - startedAt)}`;
    report({ service, message: text, ...(fraction === undefined ? {} : { fraction }) });
  };
}
