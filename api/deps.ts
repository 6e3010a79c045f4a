import type { Logger } from '../config/logger.ts';
import type { LanguageModel } from '../domain/llm.ts';
import type { Principal, Role } from '../domain/principal.ts';
import type { RetentionDays } from '../domain/retention.ts';
import type { Credentials } from '../gateways/llm/credentials.ts';
import type { Notifier } from '../gateways/notify/notifier.ts';
import type { OidcClient } from '../gateways/oidc/oidc-client.ts';
import type { PriceList } from '../gateways/prices/price-list.ts';
import type { IngestionWorkflows } from '../gateways/temporal/ingestion-workflows.ts';
import type { RunWorkflows } from '../gateways/temporal/run-workflows.ts';
import type { Schedules } from '../gateways/temporal/schedules.ts';
import type { Pricing } from '../kinds/estimate.ts';
import type { Kinds } from '../kinds/index.ts';
import type { BudgetBoard } from '../store/budget-board.ts';
import type { ChannelBook } from '../store/channel-book.ts';
import type { Store } from '../store/index.ts';
import type { Tokens } from './tokens.ts';

/** The providers of models: who they are, how they are asked, and how their keys are kept. */
export interface Providers {
  vendors: { name: string; label: string }[];
  /** Asks them for whoever `org` says, within the shared limits. */
  model: LanguageModel;
  /** What the environment gives an organization. */
  environment(org: string, provider: string): Credentials | undefined;
  /** What is stored has changed. */
  forget(org: string, provider: string): void;
  /** Absent where keys cannot be stored. */
  encryption?: { seal(secret: string, of: string): string };
}

/** How people are told, and over which channels. */
export interface Channels {
  book: ChannelBook;
  notifier: Notifier;
  /** What is wrong with a web address as a target by where its name leads now. */
  problemOf(target: string): Promise<string | undefined>;
  /** Absent where secrets cannot be stored. */
  encryption?: { seal(secret: string, of: string): string; open(sealed: string, of: string): string };
}

/** Signing in elsewhere. */
export interface Oidc {
  client: OidcClient;
  /** Where people come in. */
  organization: string;
  redirectUri?: string;
  defaultRole?: Role;
}

/** How people sign in. */
export interface SignIns {
  tokens: Tokens;
  /** How long a sign-in holds. */
  forMs: number;
  /** Whether `X-Forwarded-For` is to be believed: only where a proxy writes it. */
  trustsProxy: boolean;
  /** Absent where it is not configured. */
  oidc?: Oidc;
}

/** All that the routes need; made in `main.ts`. */
export interface ApiDeps {
  store: Store;
  kinds: Kinds;
  workflows: RunWorkflows;
  schedules: Schedules;
  ingestions: IngestionWorkflows;
  pricing: Pricing;
  providers: Providers;
  channels: Channels;
  signIns: SignIns;
  /** The published prices alone, to be listed. */
  published: PriceList;
  /** The active budgets with their counters, for checks. */
  board: BudgetBoard;
  /** The model of runs that name none. */
  defaultModel: string;
  /** The model that makes vectors of memories. */
  embeddingModel: string;
  /** The queue of Temporal that the workers of this installation serve. */
  taskQueue: string;
  /** Whether memories are enriched, and how often some are taken. */
  standing: { enabled: boolean; pollIntervalMs: number };
  /** For how many days jobs, alerts and rows of the audit log are kept at hand. */
  retention: RetentionDays;
  /** A link to a run in the Temporal Web UI, where there is one. */
  temporalUrlOf(runId: string): string | null;
  /** Whether the servers answer; a few seconds old at the most. */
  health(): Promise<Health>;
  /** JSON of sample teams and jobs. */
  mockJobsFile: string;
  /** Folder for uploads on their way; emptied after each. */
  uploadFolder: string;
  version: string;
  logger: Logger;
}

export interface Health {
  mongodb: boolean;
  temporal: boolean;
  temporalAddress: string;
  /** Worker processes that ask for work; null where Temporal does not answer. */
  workers: number | null;
  /** When the last worker asked for work, where there is none now and Temporal still knows. */
  lastWorkerAt?: Date;
}

/** What middleware puts beside a request. */
export interface ApiEnv {
  Variables: { principal: Principal; requestId: string };
}
