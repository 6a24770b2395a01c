import {
  DEPLOYMENT_FILE,
  type Deployment,
  type FileFault,
  showFault,
  workerName,
} from '../../deployment/index.ts';
import { type CommandContext, defineCommand, NO, showJson, YES } from '../command.ts';
import { chooseEnvironment, openDeploymentFolder } from '../deployment-folder.ts';
import { JSON_FLAG } from '../flags.ts';
import { checkContents, checkSources } from './contents.ts';

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
    const folder = await openDeploymentFolder(context, operands);
    if (!folder.ok) return folder;
    const { deployment, shown, paths } = folder.value;
    if (!deployment.ok) {
      const others = await checkSources(context, shown, paths);
      const faults = [...deployment.error, ...others.faults];
      printReport(context, { ...others, faults }, flags.json);
      return NO;
    }
    const chosen = chooseEnvironment(deployment.value, flags.env);
    if (!chosen.ok) return chosen;
    const contents = await checkContents(context, shown, chosen.value);
    printReport(context, { ...contents, deployment: chosen.value }, flags.json);
    return contents.faults.length === 0 ? YES : NO;
  },
});

/** What a check found. */
export interface Report {
  readonly faults: readonly FileFault[];
  readonly warnings: readonly FileFault[];
  readonly casesPassed: number;
  readonly deployment?: Deployment;
}

export function printReport(context: CommandContext, report: Report, asJson: boolean): void {
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
