import { createHash } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import { createWriteStream, existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Making } from './build.ts';
import type { ServiceEnvironment } from './environment.ts';
import { probeCommand } from './executables.ts';
import { steadyReport } from './progress.ts';
import { type Service, VERSIONS } from './server-versions.ts';

/** One official archive. */
interface Archive {
  url: string;
  /** A text with lines `<sha256>  <file name>`. */
  sumsUrl: string;
  /** The program's place inside. */
  member: string;
}

const LOOKUP_LIMIT_MS = 3_000;
const MIB = 1024 ** 2;

/** @throws Error when there is no archive for this machine. */
export async function officialArchive(service: Service, environment: ServiceEnvironment): Promise<Archive> {
  return service === 'temporal' ? temporalArchive(environment) : mongodbArchive(environment);
}

function temporalArchive({ temporalDownloadUrl }: ServiceEnvironment): Archive {
  const architecture = { x64: 'amd64', arm64: 'arm64' }[process.arch as string];
  if (architecture === undefined || !['linux', 'darwin'].includes(process.platform)) {
    throw new Error(`there is no archive for ${process.platform} ${process.arch}`);
  }
  const folder = `${temporalDownloadUrl}/v${VERSIONS.temporal}`;
  const name = `temporal_cli_${VERSIONS.temporal}_${process.platform}_${architecture}.tar.gz`;
  return { url: `${folder}/${name}`, sumsUrl: `${folder}/checksums.txt`, member: 'temporal' };
}

/**
 * MongoDB has an archive per distribution; which one fits is this library's knowledge. It is loaded only
 * here.
 */
async function mongodbArchive({ mongodbDownloadUrl }: ServiceEnvironment): Promise<Archive> {
  const [{ MongoBinaryDownloadUrl }, { getOS }] = await Promise.all([
    import('mongodb-memory-server-core/lib/util/MongoBinaryDownloadUrl.js'),
    import('mongodb-memory-server-core/lib/util/getos/index.js'),
  ]);
  const place = new MongoBinaryDownloadUrl({
    platform: process.platform,
    arch: process.arch,
    version: VERSIONS.mongod,
    os: await getOS(),
  });
  const name = await place.getArchiveName();
  const url = `${mongodbDownloadUrl}/${place.platform}/${name}`;
  return { url, sumsUrl: `${url}.sha256`, member: `${name.replace(/\.tgz$/, '')}/bin/mongod` };
}

/** Why the archive's host cannot even be asked; undefined when it can. Answers within 3 s. */
export async function downloadObstacle(
  service: Service,
  environment: ServiceEnvironment,
): Promise<string | undefined> {
  if (!environment.mayDownload) return 'switched off by BURSAR_NO_DOWNLOAD';
  try {
    const { hostname } = new URL((await officialArchive(service, environment)).url);
    const slow = new Promise<never>((_, reject) => {
      setTimeout(() => reject(new Error('the name look-up took over 3 s')), LOOKUP_LIMIT_MS).unref();
    });
    await Promise.race([lookup(hostname), slow]);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/**
 * Fetches the official archive into `making.folder`, compares its SHA-256 with the published one and
 * unpacks it.
 * @returns the path of the program.
 * @throws Error when it is missing, stalls, is cut short or is not what was published.
 */
export async function download(service: Service, making: Making): Promise<string> {
  const archive = await officialArchive(service, making.environment);
  const file = join(making.folder, basename(new URL(archive.url).pathname));
  const expected = publishedSum(await fetchText(archive.sumsUrl, making), basename(file));
  if (expected === undefined) throw new Error(`${archive.sumsUrl} has no SHA-256 for ${basename(file)}`);
  const actual = await fetchFile(archive.url, file, service, making);
  if (actual !== expected) {
    throw new Error(
      `${archive.url} has the SHA-256 ${actual}, but ${expected} was published; it is not used`,
    );
  }
  const unpacked = await probeCommand('tar', ['-xzvf', file, '-C', making.folder], /^(.*)/);
  if ('problem' in unpacked) throw new Error(unpacked.problem);
  const program = join(making.folder, archive.member);
  if (!existsSync(program)) throw new Error(`${archive.url} does not hold ${archive.member}`);
  return program;
}

/** The sum in a line of this file name, or in a text that is a sum only. */
function publishedSum(text: string, name: string): string | undefined {
  for (const line of text.split('\n')) {
    const [sum = '', file] = line.trim().split(/\s+\*?/);
    if (/^[0-9a-f]{64}$/i.test(sum) && (file === undefined || basename(file) === name))
      return sum.toLowerCase();
  }
  return undefined;
}

async function fetchText(url: string, { environment, signal }: Making): Promise<string> {
  const limits = [
    AbortSignal.timeout(environment.downloadStallMs),
    ...(signal === undefined ? [] : [signal]),
  ];
  const response = await open(url, AbortSignal.any(limits));
  return response.text();
}

/** @returns the SHA-256 of what was written. */
async function fetchFile(url: string, file: string, service: Service, making: Making): Promise<string> {
  const stalled = new AbortController();
  const stallMs = making.environment.downloadStallMs;
  const onStall = () => stalled.abort(new Error(`${url} sent nothing for ${stallMs} ms`));
  const watchdog = setTimeout(onStall, stallMs);
  const signals = [stalled.signal, ...(making.signal === undefined ? [] : [making.signal])];
  const say = steadyReport(service, making.report);
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    const response = await open(url, AbortSignal.any(signals));
    const total = Number(response.headers.get('content-length') ?? Number.NaN);
    const meter = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        watchdog.refresh();
        hash.update(chunk);
        bytes += chunk.length;
        const share = Number.isNaN(total) ? '' : ` of ${(total / MIB).toFixed(0)}`;
        say(`downloading, ${(bytes / MIB).toFixed(0)}${share} MiB`, share === '' ? undefined : bytes / total);
        done(null, chunk);
      },
    });
    if (response.body === null) throw new Error(`${url} is empty`);
    await pipeline(Readable.fromWeb(response.body), meter, createWriteStream(file));
    return hash.digest('hex');
  } catch (error) {
    if (stalled.signal.aborted) throw stalled.signal.reason;
    making.signal?.throwIfAborted();
    throw new Error(`${url} was cut short after ${bytes} bytes: ${reason(error)}`, { cause: error });
  } finally {
    clearTimeout(watchdog);
  }
}

async function open(url: string, signal: AbortSignal): Promise<Response> {
  const response = await fetch(url, { signal }).catch((error: unknown) => {
    if (signal.aborted) throw signal.reason;
    throw new Error(`${url} cannot be reached: ${reason(error)}`, { cause: error });
  });
  if (!response.ok) throw new Error(`${url} answered ${response.status} ${response.statusText}`.trim());
  return response;
}

/** `fetch` hides what happened in the cause of its error. */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
