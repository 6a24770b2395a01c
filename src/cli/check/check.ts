import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import {
  DEPLOYMENT_FILE,
  type Deployment,
  type FileFault,
  nearest,
  readDeployment,
  showFault,
  workerName,
} from '../../deployment/index.ts';
import { ok, type Result, refuse } from '../../result.ts';
import { type CommandContext, defineCommand, NO, showJson, YES } from '../command.ts';
import { JSON_FLAG } from '../flags.ts';
import { checkContents } from './contents.ts';

export const checkCommand = defineCommand({
  name: 'check',
  summary: 'check the files of a deployment',
  operands: '[DIR]',
  description: `Checks the files of a deployment together: ${DEPLOYMENT_FILE}, the policy, its cases, the catalogue and the entry files. Reports every fault at once, with the file, the line and what is allowed. DIR is the folder that contains ${DEPLOYMENT_FILE}; by default the current one. Changes nothing, and asks no server. docs/reference/deployment-file.md describes the file.`,
  flags: {
    env: {
      kind: 'text',
      value: 'NAME',
      description: 'refuse a file that does not have this environment, and list only its Workers',
    },
    ...JSON_FLAG,
  },
  examples: ['hewn check', 'hewn check examples/reports --env staging', 'hewn check --json'],
  exitCodes: {
    0: 'there is no fault',
    1: 'there is a fault',
    2: `there is no ${DEPLOYMENT_FILE}, or no such environment`,
  },
  run: async ({ flags, operands }, context) => {
    const [folder = '.', unexpected] = operands;
    if (unexpected !== undefined) {
      return refuse(`unexpected argument ${JSON.stringify(unexpected)}. See --help`);
    }
    const file = join(folder, DEPLOYMENT_FILE);
    const bytes = await readBytes(context, folder, file);
    if (!bytes.ok) return bytes;
    const deployment = await readDeployment(bytes.value, file);
    if (!deployment.ok) {
      print(context, { faults: deployment.error, warnings: [], casesPassed: 0 }, flags.json);
      return NO;
    }
    const chosen = choose(deployment.value, flags.env);
    if (!chosen.ok) return chosen;
    const contents = await checkContents(context, folder, chosen.value);
    print(context, { ...contents, deployment: chosen.value }, flags.json);
    return contents.faults.length === 0 ? YES : NO;
  },
});

async function readBytes(
  context: CommandContext,
  folder: string,
  file: string,
): Promise<Result<Uint8Array, string>> {
  try {
    return ok(await readFile(resolve(context.cwd, file)));
  } catch (error) {
    const { code = 'no file' } = error as NodeJS.ErrnoException;
    const isFile = await stat(resolve(context.cwd, folder)).then(
      (found) => found.isFile(),
      () => false,
    );
    if (isFile)
      return refuse(`${folder} is a file: name the folder that contains ${DEPLOYMENT_FILE}`);
    if (code === 'ENOENT') {
      return refuse(`there is no ${file}: name the folder that contains ${DEPLOYMENT_FILE}`);
    }
    return refuse(`cannot read ${file}: ${code}`);
  }
}

function choose(deployment: Deployment, name: string | undefined): Result<Deployment, string> {
  if (name === undefined) return ok(deployment);
  const names = deployment.environments.map((environment) => environment.name);
  const environments = deployment.environments.filter((environment) => environment.name === name);
  if (environments.length > 0) return ok({ ...deployment, environments });
  const close = nearest(name, names);
  const hint = close === undefined ? '' : ` Did you mean ${JSON.stringify(close)}?`;
  return refuse(
    `${DEPLOYMENT_FILE} has no environment ${JSON.stringify(name)}. It has: ${names.join(', ')}.${hint}`,
  );
}

interface Report {
  readonly faults: readonly FileFault[];
  readonly warnings: readonly FileFault[];
  readonly casesPassed: number;
  readonly deployment?: Deployment;
}

function print(context: CommandContext, report: Report, asJson: boolean): void {
  const { faults, warnings, casesPassed, deployment } = report;
  const workers = (deployment?.environments ?? []).map((environment) => ({
    environment: environment.name,
    issuer: workerName(environment, 'issuer'),
    gateways: environment.gateways.map(({ name }) => workerName(environment, name)),
  }));
  if (asJson) {
    context.out(showJson({ ok: faults.length === 0, faults, warnings, casesPassed, workers }));
    return;
  }
  for (const warning of warnings) context.err(`warning: ${showFault(warning)}`);
  for (const fault of faults) context.out(showFault(fault));
  if (faults.length > 0) {
    context.out(`${faults.length} ${faults.length === 1 ? 'fault' : 'faults'}`);
    return;
  }
  for (const { environment, issuer, gateways } of workers) {
    context.out(`${environment}: ${[issuer, ...gateways].join(', ')}`);
  }
  context.out(`ok: no fault, and ${casesPassed} policy cases passed`);
}
