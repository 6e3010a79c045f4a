import type { KindName, RunOptions } from './run.ts';

/** A run as somebody asks for it. */
export interface RunRequest {
  kind: KindName;
  input: unknown;
  options: Omit<RunOptions, 'model' | 'fallbackModels' | 'runRetries' | 'emergencyReason'> & {
    model?: string | string[] | undefined;
    runRetries?: number | undefined;
    maxCostUsd?: number | undefined;
    emergencyReason?: string | undefined;
  };
  scope: { team?: string | undefined; queue?: string | undefined; user?: string | undefined };
}
