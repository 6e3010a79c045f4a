import { CancellationScope, CancelledFailure, condition, isCancellation, sleep } from '@temporalio/workflow';
import { FAILING_STREAK, LATER_LIMIT } from '../domain/run.ts';
import type { Blocked, ItemResult, LaterItem, PageItem, Streak } from './messages.ts';

export interface WindowOptions {
  items: PageItem[];
  later: LaterItem[];
  streak: Streak;
  /** May change while the window is at work. */
  concurrency(): number;
  /** Nothing new starts while this says true. */
  paused(): boolean;
  /** The history is full: end as soon as nothing is under way, whatever is left of the page. */
  full(): boolean;
  /** More pages follow, so items that wait for later need not keep this one open. */
  mayCarry: boolean;
  work(seq: number): Promise<ItemResult>;
  /** Called once the window is quiet and cannot go on by itself; resolves when it may. */
  wait(reason: WindowWait): Promise<void>;
}

export type WindowWait =
  | { reason: 'paused' }
  | { reason: 'failing'; fingerprint: string }
  | { reason: 'blocked'; blocked: Blocked }
  | { reason: 'rate_limit'; until: number };

export interface WindowResult {
  /** False where the page was left early because the history is full. */
  finished: boolean;
  later: LaterItem[];
  streak: Streak;
  recount: boolean;
}

/**
 * Works on the items of one page with a bounded number under way. An item starts when its parents have ended;
 * one that must wait leaves its slot and comes back. Ends when every item of the page has ended or waits for
 * later. A fatal error, or cancellation, is thrown once nothing is under way any more.
 */
export async function workPage(options: WindowOptions): Promise<WindowResult> {
  const window = new Window(options);
  return window.run();
}

class Window {
  private readonly options: WindowOptions;
  private readonly parents: Map<number, number[]>;
  /** Not ended, so children wait for them. */
  private readonly unfinished: Set<number>;
  private readonly ready: number[] = [];
  private readonly withParents: Set<number>;
  private later: LaterItem[];
  private streak: Streak;
  private recount = false;
  /** A budget has said no since the last wait. */
  private denied: Blocked | undefined;
  private underWay = 0;
  private fatal: unknown;
  private changes = 0;
  private timerAt = Number.POSITIVE_INFINITY;

  constructor(options: WindowOptions) {
    this.options = options;
    this.streak = options.streak;
    this.later = [...options.later];
    this.parents = new Map(options.items.map((item) => [item.seq, item.parents]));
    this.withParents = new Set(this.parents.keys());
    this.unfinished = new Set([...this.parents.keys(), ...this.later.map((item) => item.seq)]);
    this.unblock();
  }

  async run(): Promise<WindowResult> {
    try {
      while (this.fatal === undefined) {
        this.start();
        if (this.underWay === 0) {
          if (this.options.full()) break;
          const wait = this.reasonToWait();
          if (wait !== undefined) await this.wait(wait);
          else if (this.ready.length === 0) break;
          continue;
        }
        const seen = this.changes;
        await condition(() => this.changes > seen || (this.mayStart() && !this.options.paused()));
      }
    } finally {
      await CancellationScope.nonCancellable(() => condition(() => this.underWay === 0));
    }
    if (this.fatal !== undefined) throw this.fatal;
    const finished = this.ready.length === 0 && this.withParents.size === 0;
    return { finished, later: this.later, streak: this.streak, recount: this.recount };
  }

  private start(): void {
    this.takeDue();
    while (this.mayStart() && !this.options.paused()) {
      const seq = this.ready.shift();
      if (seq !== undefined) this.startOne(seq);
    }
  }

  private mayStart(): boolean {
    return (
      this.ready.length > 0 &&
      this.fatal === undefined &&
      this.denied === undefined &&
      !this.options.full() &&
      this.underWay < this.options.concurrency() &&
      this.streak.count < FAILING_STREAK &&
      this.later.length < LATER_LIMIT
    );
  }

  private startOne(seq: number): void {
    this.underWay += 1;
    // In one step, for Temporal's SDK notes down the stack of every promise that a workflow makes.
    void this.options.work(seq).then(
      (result) => this.end(seq, () => this.took(seq, result)),
      (error: unknown) => this.end(seq, () => this.threw(seq, error)),
    );
  }

  private end(seq: number, how: () => void): void {
    try {
      how();
    } catch (error) {
      this.threw(seq, error);
    } finally {
      this.underWay -= 1;
      this.changes += 1;
    }
  }

  private took(seq: number, result: ItemResult): void {
    if (result.outcome === 'later') {
      this.later.push({ seq, at: result.at });
      return;
    }
    if (result.outcome === 'blocked') {
      this.denied ??= result;
      insertSorted(this.ready, seq);
      return;
    }
    if (result.outcome === 'stopped') {
      if (result.why === 'cancel') this.fatal ??= new CancelledFailure('cancel was requested');
      insertSorted(this.ready, seq);
      return;
    }
    this.recount ||= result.recount === true;
    this.streak = nextStreak(this.streak, result);
    this.unfinished.delete(seq);
    this.unblock();
  }

  private threw(seq: number, error: unknown): void {
    if (isCancellation(error)) insertSorted(this.ready, seq);
    else this.fatal ??= error;
  }

  /** Moves items whose parents have ended to those that may start, keeping the order of the plan. */
  private unblock(): void {
    for (const seq of this.withParents) {
      const parents = this.parents.get(seq) ?? [];
      if (parents.some((parent) => this.unfinished.has(parent))) continue;
      this.withParents.delete(seq);
      insertSorted(this.ready, seq);
    }
  }

  private takeDue(): void {
    const now = Date.now();
    const due = this.later.filter((item) => item.at <= now);
    if (due.length > 0) {
      this.later = this.later.filter((item) => item.at > now);
      for (const item of due) insertSorted(this.ready, item.seq);
    }
    this.setTimer();
  }

  /** One timer at a time for whatever comes back first: a timer for each change would fill the history. */
  private setTimer(): void {
    const earliest = Math.min(...this.later.map((item) => item.at));
    if (earliest >= this.timerAt || this.underWay === 0) return;
    this.timerAt = earliest;
    sleep(Math.max(1, earliest - Date.now()))
      .then(() => {
        this.timerAt = Number.POSITIVE_INFINITY;
        this.changes += 1;
      })
      // Cancelled with the run: there is nothing to come back for.
      .catch(() => {});
  }

  private reasonToWait(): WindowWait | undefined {
    if (this.options.paused()) return { reason: 'paused' };
    if (this.denied !== undefined) return { reason: 'blocked', blocked: this.denied };
    if (this.streak.count >= FAILING_STREAK && !this.nothingIsLeft())
      return { reason: 'failing', fingerprint: this.streak.fingerprint };
    if (this.later.length < LATER_LIMIT && !this.onlyLaterIsLeft()) return undefined;
    return { reason: 'rate_limit', until: Math.min(...this.later.map((item) => item.at)) };
  }

  private nothingIsLeft(): boolean {
    return this.ready.length === 0 && this.withParents.size === 0 && this.later.length === 0;
  }

  private onlyLaterIsLeft(): boolean {
    if (this.ready.length > 0 || this.later.length === 0) return false;
    return this.withParents.size > 0 || !this.options.mayCarry;
  }

  private async wait(wait: WindowWait): Promise<void> {
    await this.options.wait(wait);
    if (wait.reason === 'blocked') this.denied = undefined;
    if (wait.reason === 'failing') this.streak = { fingerprint: '', count: 0 };
  }
}

/** A success resets the streak; failures of another kind begin a new one. */
function nextStreak(streak: Streak, result: ItemResult): Streak {
  if (result.outcome !== 'failed') return { fingerprint: '', count: 0 };
  const before = streak.fingerprint === result.fingerprint ? streak.count : 0;
  return { fingerprint: result.fingerprint, count: before + result.attempts };
}

function insertSorted(list: number[], value: number): void {
  const at = list.findIndex((other) => other > value);
  if (at === -1) list.push(value);
  else list.splice(at, 0, value);
}
