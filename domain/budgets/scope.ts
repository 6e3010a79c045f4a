/** What a cost belongs to, and what a budget selects: a field that is left out means any. */
export interface Scope {
  team?: string;
  queue?: string;
  user?: string;
  kind?: string;
  /** `openai`, `offline`, …; of jobs from elsewhere whatever they name. */
  provider?: string;
  /** `provider/model` of a run's calls, without the options of a rehearsal. */
  model?: string;
}

/** In the order in which keys are made of them. */
export const SCOPE_FIELDS = ['team', 'queue', 'user', 'kind', 'provider', 'model'] as const;

/** Whether a budget with this scope applies to a cost of that scope: every field that it names is equal. */
export function matchesScope(selector: Scope, cost: Scope): boolean {
  return SCOPE_FIELDS.every((field) => selector[field] === undefined || selector[field] === cost[field]);
}

/** Equal scopes have equal keys. */
export function scopeKeyOf(scope: Scope): string {
  return JSON.stringify(SCOPE_FIELDS.map((field) => scope[field] ?? null));
}
