/** As team and model of what GPUs have cost while nobody used them. */
export const IDLE_TEAM = '__idle__';
/** Of the rows that stand for it among the jobs: no job may have such an id. */
export const IDLE_PREFIX = '__idle__:';
