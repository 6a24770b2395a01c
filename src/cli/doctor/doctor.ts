import { resolve } from 'node:path';
import { DEPLOYMENT_FILE } from '../../deployment/index.ts';
import { CHECKS, examine } from '../../doctor/index.ts';
import { isSafeUrl } from '../../issuer-api/index.ts';
import { ok, type Result, refuse } from '../../result.ts';
import { printReport } from '../check/check.ts';
import { defineCommand, NO, showJson, YES } from '../command.ts';
import { ENVIRONMENT_FLAG, oneEnvironment, openDeploymentFolder } from '../deployment-folder.ts';
import { JSON_FLAG } from '../flags.ts';
import { DEV, runningEnvironment } from './dev-environment.ts';
import { isHealthy, renderFindings } from './show.ts';
import { isFile, siteOf } from './site.ts';

export const doctorCommand = defineCommand({
  name: 'doctor',
  summary: 'examine a running deployment',
  operands: '[DIR]',
  description: `Examines the issuer and the gateways of one environment of ${DEPLOYMENT_FILE}, wherever they run: the files, the keys and their age, the clocks, the feed, the verifiers that report, the active version, the identity providers, routes that must refuse a stranger, servers that are only observed, the storage, and the fill of the audit log. Checks run at once, each within 20 s. Nothing changes, unless --drill is given.

The operator credential comes from the key file of the environment, .hewn/NAME/keys.json, or from HEWN_OPERATOR. Without it, the parts that only the issuer knows are skipped. --env dev examines a running hewn dev.`,
  flags: {
    ...ENVIRONMENT_FLAG,
    issuer: {
      kind: 'text',
      value: 'URL',
      description: 'where the issuer answers; by default the URL of the file',
    },
    gateway: {
      kind: 'list',
      value: 'NAME=URL',
      description: 'where a gateway answers; by default the URL of the file',
    },
    keys: {
      kind: 'text',
      value: 'FILE',
      description: 'the key file; by default .hewn/NAME/keys.json in the folder',
    },
    drill: {
      kind: 'text',
      value: 'FILE',
      description: 'run this drill, too: it revokes the capability that it obtains',
    },
    ...JSON_FLAG,
  },
  examples: [
    'hewn doctor --env production',
    'hewn doctor --env dev',
    `hewn doctor --json | jq '.findings[] | select(.status == "fail")'`,
  ],
  exitCodes: {
    0: 'no check failed; some may have something to look at',
    1: 'a check failed',
    2: 'the deployment could not be examined',
  },
  run: async ({ flags, operands }, context) => {
    const gateways = readGateways(flags.gateway);
    if (!gateways.ok) return gateways;
    if (flags.drill !== undefined && !(await isFile(resolve(context.cwd, flags.drill)))) {
      return refuse(`there is no drill ${flags.drill}: hewn drill --help describes it`);
    }
    const opened = await openDeploymentFolder(context, operands);
    if (!opened.ok) return opened;
    const { shown, path: folder, deployment } = opened.value;
    if (!deployment.ok) {
      printReport(context, { faults: deployment.error, warnings: [], casesPassed: 0 }, flags.json);
      return NO;
    }
    const isDev =
      flags.env === DEV && !deployment.value.environments.some(({ name }) => name === DEV);
    const environment = isDev
      ? await runningEnvironment(context.variable('HEWN_HOME') ?? folder, deployment.value)
      : oneEnvironment(deployment.value, flags.env);
    if (!environment.ok) return environment;
    const unknown = [...gateways.value.keys()].find(
      (name) => !environment.value.gateways.some((gateway) => gateway.name === name),
    );
    if (unknown !== undefined) return refuse(`${DEPLOYMENT_FILE} has no gateway "${unknown}"`);
    const site = await siteOf(context, {
      shown,
      folder,
      deployment: deployment.value,
      environment: environment.value,
      issuer: flags.issuer,
      gateways: gateways.value,
      keyFile: flags.keys === undefined ? undefined : resolve(context.cwd, flags.keys),
      drill: flags.drill,
    });
    if (!site.ok) return site;
    const findings = await examine(CHECKS, site.value);
    const healthy = isHealthy(findings);
    context.out(
      flags.json
        ? showJson({ ok: healthy, environment: environment.value.name, findings })
        : renderFindings(context, findings),
    );
    return healthy ? YES : NO;
  },
});

function readGateways(given: readonly string[]): Result<ReadonlyMap<string, string>, string> {
  const gateways = new Map<string, string>();
  for (const one of given) {
    const [, name, url] = /^([a-z][a-z0-9-]*)=(.+)$/.exec(one) ?? [];
    if (name === undefined || url === undefined || !isSafeUrl(url)) {
      return refuse(
        `--gateway must be a name and an https URL, such as main=https://gateway.example`,
      );
    }
    gateways.set(name, url);
  }
  return ok(gateways);
}
