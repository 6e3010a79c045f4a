import type { GenerateRequest, OfflineWriter } from '../domain/llm.ts';
import type { Band, KindName, RunOptions } from '../domain/run.ts';

/**
 * What a kind needs to know of the run it works for. `input` is what the kind's own `parseInput` returned.
 */
export interface RunContext {
  id: string;
  org: string;
  input: unknown;
  options: RunOptions;
}

/** One object of a run as planned: `parents` are positions in the same plan, always smaller than its own. */
export interface PlannedItem {
  /** Identifies the object within the kind, e.g. a model's unique id. */
  key: string;
  name: string;
  parents: number[];
  /** A stored result exists; whether it is still fresh is decided when the item is processed. */
  maybeReused: boolean;
}

/** One paid operation on an item. */
export interface Step {
  name: string;
  /** `done` holds the texts of the item's earlier steps by name. */
  request(done: ReadonlyMap<string, string>): GenerateRequest;
  /** Problems in words; none = the text is accepted. */
  check(text: string): string[];
  /** Added to the instruction for the one repair attempt. */
  repair(problems: string[]): string;
}

/** An item loaded for work. A reused one has no steps. */
export interface PreparedItem {
  reused: boolean;
  steps: Step[];
  /**
   * Stores the result; called once all steps have a text, and again after a crash: repeating it changes
   * nothing.
   */
  finish(texts: ReadonlyMap<string, string>): Promise<void>;
}

/** What one item will probably ask of the model. */
export interface OutlinedItem {
  reused: boolean;
  steps: { request: GenerateRequest; step: string; outputTokens: Band }[];
}

/** One kind of run. Implementations live in a folder each; `kinds/index.ts` lists them. */
export interface Kind {
  readonly name: KindName;
  /** Parses the kind's part of a request. @throws AppError `invalid_input` naming the field. */
  parseInput(value: unknown): unknown;
  /**
   * Brings the input to the state the run will work on (e.g. resolves a selection), before the run is stored.
   */
  freeze(org: string, input: unknown): Promise<unknown>;
  /** The items in the order in which they must go: parents before children. */
  plan(run: RunContext): Promise<PlannedItem[]>;
  /** Prompts with stand-ins for what is not known yet, in batches of the caller's choice. */
  outline(run: RunContext, keys: string[]): Promise<OutlinedItem[]>;
  prepare(run: RunContext, item: { seq: number; key: string }): Promise<PreparedItem>;
  readonly writeOffline: OfflineWriter;
}
