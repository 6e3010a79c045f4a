/** A project whose models are documented, and the versions of their documents. */

export type ResourceType = 'model' | 'seed' | 'snapshot' | 'source';

export interface Column {
  name: string;
  /** Data type from the catalog or the manifest, e.g. `bigint`. */
  type?: string;
  /** What people wrote; '' where they wrote nothing. */
  description: string;
  /** Names of its tests, e.g. `unique`, `not_null`, `accepted_values(a, b)`, `relationships(orders.id)`. */
  tests: string[];
  /** True where the project's files declare it; false where only the catalog or the SQL knows of it. */
  declared: boolean;
}

/** One object of a project, as read from a manifest, a project folder or plain files. */
export interface ProjectObject {
  /** dbt's unique id, e.g. `model.shop.orders`; for plain files made in the same form. */
  uniqueId: string;
  name: string;
  resourceType: ResourceType;
  packageName: string;
  /**
   * Path of the file that defines it, relative to the project, e.g. `models/marts/orders.sql`; '' if unknown.
   */
  path: string;
  /** The yml file that describes it, relative to the project, or undefined. */
  patchPath?: string;
  /** `database.schema.name` as far as known. */
  relation?: string;
  materialized?: string;
  tags: string[];
  description: string;
  columns: Column[];
  /** As written, with Jinja. '' for sources. */
  rawCode: string;
  /** As compiled by dbt, where it is known. */
  compiledCode?: string;
  /** dbt adapter name, e.g. `postgres`, `duckdb`, `snowflake`; decides the SQL dialect. */
  adapterType: string;
  /** Unique ids of what it reads directly: models, seeds, snapshots, sources. */
  parents: string[];
  /** Tests on the whole object, e.g. `unique_combination_of_columns(a, b)`. */
  tests: string[];
  /** SHA-256 over code, columns, tests and descriptions: changes whenever what we read of it changes. */
  hash: string;
}

export interface ProjectSource {
  name: string;
  adapterType: string;
  /** `manifest v12`, `dbt project folder`, `sql files`, … for people. */
  origin: string;
  objects: ProjectObject[];
  /**
   * The yml files that describe objects, as written: the patch is made from them. Empty for a bare manifest.
   */
  ymlFiles: { path: string; text: string }[];
  /** Things that were read around, for people, e.g. a yml entry without a model. Bounded to 100. */
  warnings: string[];
}

export const LAYERS = ['summary', 'business', 'technical', 'columns', 'lineage', 'limitations'] as const;
export type Layer = (typeof LAYERS)[number];

/** A contradiction between what people wrote and what the code does. */
export interface Drift {
  /** The column concerned, or undefined for the object as a whole. */
  column?: string;
  kind: 'declared_but_not_produced' | 'produced_but_not_declared' | 'contradicts_code';
  message: string;
}

export type DocumentState = 'proposed' | 'approved' | 'rejected' | 'superseded';

/** The layers of a document: text, but for `columns`, which describes each column. */
export interface DocumentContent {
  /** Markdown text by layer (without `columns`). */
  text: Partial<Record<Exclude<Layer, 'columns'>, string>>;
  /** Description by column name; undefined where the layer was not asked for. */
  columns?: Record<string, string>;
}

/** A parent of an object as its prompt sees it. */
export interface ParentFacts {
  uniqueId: string;
  name: string;
  resourceType: ResourceType;
  /** Its generated (fresh or approved) summary, else what people wrote, else undefined. */
  summary?: string;
  columns: Column[];
}

/** All that the documentation of one object is written from. */
export interface DocumentationFacts {
  object: ProjectObject;
  parents: ParentFacts[];
  /** Names of the objects that read this one directly, sorted. */
  children: string[];
}

/** One documented object, ready for export. */
export interface DocumentedObject {
  object: ProjectObject;
  content: DocumentContent;
  /** Of the version exported. */
  state: DocumentState;
  version: number;
  model: string;
  /** ISO 8601. */
  createdAt: string;
  drift: Drift[];
}

/** One version of the documentation of an object. Versions are immutable but for their state. */
export interface DocumentVersion {
  id: string;
  project: string;
  /** The object's unique id, and its name for people. */
  object: string;
  name: string;
  version: number;
  state: DocumentState;
  content: DocumentContent;
  /** Changes when anything changed that the text depends on; equal hash = still fresh. */
  inputHash: string;
  drift: Drift[];
  run: string;
  model: string;
  createdAt: Date;
  /** Who approved or rejected it, and when. */
  decidedBy?: string;
  decidedAt?: Date;
}

/** A version as it is proposed: its number is given when it is stored. */
export type Proposal = Omit<DocumentVersion, 'version' | 'state'>;

/** A project as stored; its objects belong to a revision, which a run freezes. */
export interface Project {
  id: string;
  name: string;
  adapterType: string;
  origin: string;
  revision: number;
  /** SHA-256 over its objects: the same upload again changes nothing. */
  contentHash: string;
  objectCount: number;
  modelCount: number;
  warnings: string[];
  glossary?: string;
  createdAt: Date;
  updatedAt: Date;
}
