import type { EmbedRequest, GenerateRequest, OfflineWriter } from '../domain/llm.ts';
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
  /**
   * Output tokens that the kind expects without any history (the p50 of its outline): what runs learn from is
   * how far from it the answers are. Absent where the kind expects nothing in particular.
   */
  expectedOutputTokens?: number;
  /** `done` holds the texts of the item's earlier steps by name. */
  request(done: ReadonlyMap<string, string>): GenerateRequest;
  /** Problems in words; none = the text is accepted. */
  check(text: string): string[];
  /** Added to the instruction for the one repair attempt. */
  repair(problems: string[]): string;
}

/** One paid embedding; its result is the vector as text (`vectorToText`). */
export interface EmbedStep {
  name: string;
  embed(done: ReadonlyMap<string, string>): EmbedRequest;
}

/** An item loaded for work. A reused one has no steps. */
export interface PreparedItem {
  reused: boolean;
  steps: (Step | EmbedStep)[];
  /**
   * Stores the result; called once all steps have a text, and again after a crash: repeating it changes
   * nothing.
   */
  finish(texts: ReadonlyMap<string, string>): Promise<void>;
}

/** A step that will be asked, with its prompt as far as it is known, and the tokens expected of an answer. */
export interface OutlinedStep {
  step: string;
  request: GenerateRequest;
  outputTokens: Band;
}

/** Steps whose prompts cannot be rendered before the run: so many calls of an average size. Tokens. */
export interface OutlinedBlocks {
  step: string;
  blocks: number;
  averageInputTokens: number;
  outputTokens: Band;
}

/** What one item will probably ask of the model. */
export interface OutlinedItem {
  reused: boolean;
  /** What items are told apart by in estimates, e.g. a folder; the kind's name where there is nothing. */
  class?: string;
  steps: (OutlinedStep | OutlinedBlocks)[];
  /** What is not asked because a stored result is still fresh. */
  keptSteps?: (OutlinedStep | OutlinedBlocks)[];
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
  /** `maybeReused` is what the plan said. */
  prepare(run: RunContext, item: { seq: number; key: string; maybeReused: boolean }): Promise<PreparedItem>;
  /** How often a run as a whole is tried again, where its request says nothing; default 0. */
  readonly runRetries?: number;
  readonly writeOffline: OfflineWriter;
}
