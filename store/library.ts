import type { Store } from './index.ts';

/** What kind `documentation` reads and writes, over the repositories. */
export function documentationLibrary(store: Store) {
  return {
    project: store.projects.find,
    objects: store.objects.findMany,
    outlines: store.objects.outlines,
    newestDocuments: (org: string, project: string, uniqueIds?: string[]) =>
      store.documents.newest(org, project, uniqueIds),
    propose: store.documents.propose,
  };
}
