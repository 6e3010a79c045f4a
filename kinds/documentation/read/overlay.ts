import type { Column } from '../../../domain/project.ts';
import type { FolderContext, Unlinked } from './folder-objects.ts';
import { normaliseCode } from './hash.ts';
import { createLinks } from './links.ts';
import type { Manifest } from './manifest.ts';
import type { Draft } from './project-source.ts';

/**
 * The manifest's objects, brought up to what the files say now: a manifest may be older than the project.
 * Code from a file that was changed counts (what dbt had compiled of it is dropped), a model whose file is
 * gone is left out, and descriptions are those of the yml files. Each such difference is told in a warning.
 */
export function overlayFiles(
  manifest: Manifest,
  onDisk: Unlinked[],
  context: FolderContext,
  manifestPath: string,
): Draft[] {
  const { warnings } = context;
  const byId = new Map(onDisk.map((object) => [object.draft.uniqueId, object]));
  const ofProject = (draft: Draft) => draft.packageName === context.packageName;
  const objects = manifest.objects.filter((draft) => {
    const gone = draft.resourceType === 'model' && /\.sql$/i.test(draft.path) && !byId.has(draft.uniqueId);
    if (!gone || !ofProject(draft)) return true;
    warnings.add(`${draft.path} is in ${manifestPath} but no longer in the project; it is left out.`);
    return false;
  });
  const kept = new Set(objects.map((draft) => draft.uniqueId));
  const asUnlinked = objects.map((draft) => ({ ...byId.get(draft.uniqueId), draft, facts: NOTHING }));
  const links = createLinks(asUnlinked, warnings);
  for (const draft of objects) {
    draft.parents = draft.parents.filter((parent) => kept.has(parent));
    const file = byId.get(draft.uniqueId);
    byId.delete(draft.uniqueId);
    if (file === undefined) continue;
    if (file.draft.rawCode !== '' && normaliseCode(file.draft.rawCode) !== normaliseCode(draft.rawCode)) {
      warnings.add(
        `${draft.path} differs from ${manifestPath}; the file is used, and what dbt compiled is not.`,
      );
      draft.rawCode = file.draft.rawCode;
      delete draft.compiledCode;
      draft.parents = links.parentsOf(draft, file.facts);
    }
    useWrittenDescriptions(draft, file.draft);
  }
  for (const { draft } of byId.values()) {
    if (draft.resourceType !== 'model' || manifest.disabledPaths.has(draft.path)) continue;
    warnings.add(`${draft.path} is not in ${manifestPath}; run dbt again to have it documented.`);
  }
  return objects;
}

const NOTHING = { refs: [], sources: [], config: { tags: [] }, hasJinja: false };

/** Jinja that only dbt can evaluate: the manifest holds what it came to. */
const UNKNOWN = /\{\{|\{%/;

function useWrittenDescriptions(draft: Draft, written: Draft): void {
  if (written.patchPath === undefined) return;
  draft.patchPath = written.patchPath;
  if (!UNKNOWN.test(written.description)) draft.description = written.description;
  const known = new Map(draft.columns.map((column) => [column.name.toLowerCase(), column]));
  draft.columns = written.columns.map((column) => mergedColumn(column, known.get(column.name.toLowerCase())));
}

function mergedColumn(written: Column, known: Column | undefined): Column {
  if (known === undefined) return written;
  return {
    ...known,
    description: UNKNOWN.test(written.description) ? known.description : written.description,
  };
}
