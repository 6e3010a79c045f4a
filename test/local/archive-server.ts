import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, join } from 'node:path';

/** What the server does with the archive. */
export type Fault = 'none' | 'truncated' | 'wrong_sum' | 'missing' | 'no_sums' | 'stalls' | 'corrupt';

export interface ArchiveServer {
  url: string;
  fault: Fault;
  /** Paths that were asked for. */
  asked: string[];
  close(): void;
}

/**
 * Serves one `.tar.gz` of the folder's `member` for every archive, with its SHA-256 in both usual forms.
 */
export async function serveArchive(folder: string, member: string): Promise<ArchiveServer> {
  const file = join(folder, 'archive.tar.gz');
  const packed = spawnSync('tar', ['-czf', file, '-C', folder, member]);
  if (packed.status !== 0) throw new Error(String(packed.stderr));
  const bytes = readFileSync(file);
  const asked: string[] = [];
  const state: { fault: Fault } = { fault: 'none' };
  const http: Server = createServer((request, response) => {
    asked.push(request.url ?? '');
    answer(request, response, bytes, state.fault);
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    asked,
    get fault() {
      return state.fault;
    },
    set fault(fault) {
      state.fault = fault;
    },
    close() {
      http.closeAllConnections();
      http.close();
    },
  };
}

function answer(request: IncomingMessage, response: ServerResponse, bytes: Buffer, fault: Fault): void {
  const path = request.url ?? '';
  const half = bytes.subarray(0, bytes.length / 2);
  const sent = fault === 'corrupt' ? half : bytes;
  if (/checksums\.txt$|\.sha256$/.test(path)) {
    if (fault === 'no_sums') return void response.writeHead(404).end();
    const sum = fault === 'wrong_sum' ? 'f'.repeat(64) : createHash('sha256').update(sent).digest('hex');
    const name = path.endsWith('.sha256') ? basename(path, '.sha256') : archiveName();
    return void response.end(`${'0'.repeat(64)}  another.tar.gz\n${sum}  ${name}\n`);
  }
  if (fault === 'missing') return void response.writeHead(404).end();
  response.writeHead(200, { 'content-length': String(sent.length) });
  if (fault === 'truncated') response.write(half, () => response.destroy());
  else if (fault === 'stalls') response.write(half);
  else response.end(sent);
}

function archiveName(): string {
  const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
  return `temporal_cli_1.5.1_${process.platform}_${architecture}.tar.gz`;
}
