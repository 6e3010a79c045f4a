import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface Report {
  numPassedTests: number;
  numFailedTests: number;
  numFailedTestSuites: number;
  testResults: { assertionResults: { status: string; fullName: string }[] }[];
}

/**
 * `npm test`: types, lint, then all tests; further arguments go to Jest. The last line is `N passed, N
 * failed`, where the type check and the linter count as a test each, and so does a test file that cannot be
 * loaded.
 */
async function main(): Promise<number> {
  const node = process.execPath;
  const checks = [
    // One checker: each of several would work out mongoose's types for itself, which is most of the time.
    ['types', [join('node_modules', 'typescript', 'bin', 'tsc'), '--noEmit', '--checkers', '1']],
    ['lint', [join('node_modules', '@biomejs', 'biome', 'bin', 'biome'), 'check', '.']],
  ] as const;
  let passed = 0;
  let failed = 0;
  for (const [name, command] of checks) {
    const good = (await run(node, [...command])) === 0;
    process.stderr.write(`${name}: ${good ? 'passed' : 'FAILED'}\n`);
    if (good) passed += 1;
    else failed += 1;
  }
  const folder = mkdtempSync(join(tmpdir(), 'bursar-test-'));
  const file = join(folder, 'report.json');
  const jest = ['--experimental-vm-modules', '--no-warnings', join('node_modules', 'jest', 'bin', 'jest.js')];
  const output = ['--json', `--outputFile=${file}`, '--silent'];
  await run(node, [...jest, ...output, ...process.argv.slice(2)]);
  const report = JSON.parse(readFileSync(file, 'utf8')) as Report;
  rmSync(folder, { recursive: true });
  const skipped = report.testResults.flatMap(({ assertionResults }) =>
    assertionResults.filter(({ status }) => status === 'pending').map(({ fullName }) => fullName),
  );
  for (const name of skipped) process.stdout.write(`skipped: ${name}\n`);
  // A file that failed to load has no failed test of its own.
  const broken = Math.max(0, report.numFailedTestSuites - suitesWithFailedTests(report));
  passed += report.numPassedTests;
  failed += report.numFailedTests + broken;
  const rest = skipped.length === 0 ? '' : `, ${skipped.length} skipped`;
  process.stdout.write(`${passed} passed, ${failed} failed${rest}\n`);
  return failed === 0 ? 0 : 1;
}

function suitesWithFailedTests(report: Report): number {
  return report.testResults.filter(({ assertionResults }) =>
    assertionResults.some(({ status }) => status === 'failed'),
  ).length;
}

/** Runs a program with its output on standard error, so that our last line stands alone. */
async function run(command: string, args: string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 2, 2] });
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 1));
  });
}

process.exit(await main());
