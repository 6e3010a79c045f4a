import type { CommandContext } from '../context.ts';
import { findProblems } from '../doctor-problems.ts';
import { EXIT } from '../exit-codes.ts';
import { inspectApi } from '../reach-api.ts';
import { dataDirOf } from '../serve/data-dir.ts';
import { inspectInstallation } from '../serve/installation.ts';
import { doctorLines } from '../show/doctor-report.ts';

/** `bursar doctor`: what would be used, what runs, and how to mend what is wrong. */
export async function doctor(context: CommandContext): Promise<number> {
  const { environment, directory, output } = context;
  const { inspectServices, serviceEnvironment } = await import('../../local/services.ts');
  const dataDir = dataDirOf(directory, environment);
  const [services, api] = await Promise.all([
    inspectServices({ dataDir, environment: serviceEnvironment(environment) }),
    inspectApi(context),
  ]);
  const installation = inspectInstallation();
  const problems = findProblems(installation, services, api);
  const usable = !problems.some(({ stops }) => stops);
  output.result({ usable, problems, installation, api, ...services });
  for (const line of doctorLines(installation, services, api, output)) output.line(line);
  output.line();
  for (const { what, mend, stops } of problems) {
    output.line(`${stops ? output.style.bad('wrong') : output.style.warning('note')}  ${what}`);
    output.line(`       ${mend}`);
  }
  output.line(
    usable
      ? output.style.good('Bursar can be used here.')
      : output.style.bad('Bursar cannot be used here yet.'),
  );
  return usable ? EXIT.done : EXIT.unexpected;
}
