import { resolve } from 'node:path';

/** Where own services keep their data: BURSAR_DATA_DIR, else `.bursar` in the working directory. */
export function dataDirOf(directory: string, environment: NodeJS.ProcessEnv): string {
  const given = environment.BURSAR_DATA_DIR;
  return resolve(directory, given === undefined || given === '' ? '.bursar' : given);
}
