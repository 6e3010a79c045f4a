import { openAsBlob } from 'node:fs';
import { basename, resolve } from 'node:path';
import { AppError } from '../domain/errors.ts';
import type { Project } from './client/client.ts';
import type { CommandContext } from './context.ts';
import { type CheckedInput, readSmallText } from './input/check.ts';
import { zipFile, zipFolder } from './input/folder-zip.ts';
import type { Session } from './session.ts';

export interface UploadOptions {
  catalog?: string;
  glossary?: string;
  name?: string;
}

export const GLOSSARY_BYTES = 100_000;

/**
 * Sends what the user named to the API.
 * @throws AppError about the path that the user knows, not about the part of the form; an own, new data
 * folder goes then
 */
export async function uploadProject(
  { directory }: CommandContext,
  session: Session,
  input: CheckedInput,
  options: UploadOptions,
): Promise<Project> {
  const form = new FormData();
  const zip = await zipOf(input);
  try {
    if (zip !== undefined) form.set('archive', await openAsBlob(zip.path), 'project.zip');
    else
      form.set(
        input.form === 'archive' ? 'archive' : 'manifest',
        await openAsBlob(input.path),
        basename(input.path),
      );
    if (options.catalog !== undefined)
      form.set('catalog', await openAsBlob(resolve(directory, options.catalog)), 'catalog.json');
    const name = options.name ?? defaultName(input, zip?.plain === true);
    if (name !== undefined) form.set('name', name);
    if (options.glossary !== undefined)
      form.set('glossary', await readSmallText(resolve(directory, options.glossary), GLOSSARY_BYTES));
    return await session.client.upload(form);
  } catch (error) {
    session.leaveNothing();
    throw inWordsOfUser(error, input.path, options.catalog);
  } finally {
    await zip?.remove();
  }
}

async function zipOf(input: CheckedInput) {
  if (input.form === 'folder') return zipFolder(input.path);
  if (input.form === 'sql') return zipFile(input.path);
  return undefined;
}

/** Plain files have no project name of their own, and the zip's says nothing. */
function defaultName(input: CheckedInput, plain: boolean): string | undefined {
  if (input.form === 'sql') return input.name;
  if (input.form === 'folder' && plain) return basename(resolve(input.path));
  return undefined;
}

/** The API names the parts of the form; people know their own paths. */
function inWordsOfUser(error: unknown, path: string, catalog: string | undefined): unknown {
  if (!(error instanceof AppError)) return error;
  const message = error.publicMessage.replace(
    /^(manifest|archive|catalog|project)(\.zip)?(:?)(?= )/,
    (_all, part, _zip, colon) => `${part === 'catalog' && catalog !== undefined ? catalog : path}${colon}`,
  );
  return new AppError(error.code, message, { cause: error, details: error.details });
}
