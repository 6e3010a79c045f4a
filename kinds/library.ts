import type { DocumentationLibrary } from './documentation/library.ts';

/** What the kinds need of the store, each its own part. `store/library.ts` provides it. */
export interface Library {
  documentation: DocumentationLibrary;
}
