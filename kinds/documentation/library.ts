import type { DocumentVersion, Project, ProjectObject, Proposal } from '../../domain/project.ts';

/** A stored revision of a project. */
export interface RevisionOf {
  org: string;
  project: string;
  revision: number;
}

/** What documentation needs of the store. */
export interface DocumentationLibrary {
  project(org: string, id: string): Promise<Project | undefined>;
  /** What the organization's words mean, for the prompts; undefined where none was uploaded. */
  glossary(of: RevisionOf): Promise<string | undefined>;
  /** With code. */
  objects(of: RevisionOf, uniqueIds: string[]): Promise<ProjectObject[]>;
  /** Without code; all of them where none is named. */
  outlines(of: RevisionOf, uniqueIds?: string[]): Promise<ProjectObject[]>;
  /** The newest proposed or approved version by object. */
  newestDocuments(org: string, project: string, uniqueIds?: string[]): Promise<Map<string, DocumentVersion>>;
  /**
   * Stores the next version as a proposal; under the same id a second time it changes nothing. `known` is the
   * newest version that the caller knows of; `documentOf` is called with it, and again with the newest where
   * that is another one by now. Resolves to the document that is stored under the id.
   */
  propose(
    org: string,
    known: DocumentVersion | undefined,
    documentOf: (known: DocumentVersion | undefined) => Proposal,
  ): Promise<Proposal>;
}
