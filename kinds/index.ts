import type { KindName } from '../domain/run.ts';
import { createDocumentation } from './documentation/index.ts';
import type { DocumentationLibrary } from './documentation/library.ts';
import type { Kind } from './kind.ts';

export type Kinds = Partial<Record<KindName, Kind>>;

/** Every kind of run there is. A new kind is a folder beside this file and one line here. */
export function createKinds(deps: { documentation: DocumentationLibrary }): Kinds {
  return {
    documentation: createDocumentation(deps.documentation),
  };
}
