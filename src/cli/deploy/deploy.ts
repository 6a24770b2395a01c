import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findWrangler, runWrangler, type Wrangler } from '../../bundle/index.ts';
import {
  carryOut,
  type DeployTools,
  deployed,
  REPLACE_CHARACTERS_MIN,
  type StepReport,
} from '../../deploy/index.ts';
import { DEPLOYMENT_FILE, type Environment } from '../../deployment/index.ts';
import { CHECKS, examine } from '../../doctor/index.ts';
import { deploymentKeyFile, prepareStateFolder } from '../../key-file/index.ts';
import { ok, refuse } from '../../result.ts';
import { printReport } from '../check/check.ts';
import { checkContents } from '../check/contents.ts';
import { type Answer, type CommandContext, defineCommand, NO, showJson, YES } from '../command.ts';
import { ENVIRONMENT_FLAG, oneEnvironment, openDeploymentFolder } from '../deployment-folder.ts';
import { isHealthy, renderFindings } from '../doctor/show.ts';
import { type SiteInput, siteOf } from '../doctor/site.ts';
import { JSON_FLAG } from '../flags.ts';
import { withLock } from '../lock-file.ts';
import { checkCredential } from './credential.ts';
import { findHeadFault } from './head.ts';
import { type Prepared, prepareDeployment } from './prepare.ts';
import { describePlan, describeReport, stepFacts } from './show.ts';
import { publishThrough, versionStoreOf } from './versions.ts';

export const deployCommand = defineCommand({
  name: 'deploy',
  summary: 'deploy the issuer and the gateways of one environment',
  operands: '[DIR]',
  description: `Deploys one environment of ${DEPLOYMENT_FILE} to Cloudflare, in this order: checks every file, generates the keys once, bundles the Workers, uploads the issuer with its secrets, compares the keys and the feed that it serves, uploads the gateways, loads and activates the version of policy and catalogue, and examines the result as hewn doctor does. Whatever is deployed already stays as it is, so an interrupted run is repeated.

The keys are in .hewn/NAME/keys.json, which only its owner can read. Keep a copy in your vault: without it, no later deployment is possible. A gateway is bound to the issuer of its own environment only.

If someone activated another version since the last deployment, the command shows the difference and stops.`,
  flags: {
    ...ENVIRONMENT_FLAG,
    'dry-run': {
      kind: 'switch',
      description: 'check and bundle, print every step, and change nothing',
    },
    'replace-version': {
      kind: 'text',
      value: 'ID',
      description: 'replace this active version, which was not deployed from this folder',
    },
    'replace-keys': {
      kind: 'switch',
      description: 'deploy even if an issuer with other keys answers; every token becomes invalid',
    },
    ...JSON_FLAG,
  },
  examples: ['hewn deploy --env staging --dry-run', 'hewn deploy --env production'],
  exitCodes: {
    0: 'it is deployed, or nothing had to be done',
    1: 'a file has a fault, someone activated another version, or the examination failed',
    2: 'it could not be carried out',
  },
  run: async ({ flags, operands }, context) => {
    const replace = flags['replace-version'];
    if (replace !== undefined && !isVersionPrefix(replace)) {
      return refuse(`--replace-version must be at least ${REPLACE_CHARACTERS_MIN} digits of an id`);
    }
    const opened = await openDeploymentFolder(context, operands);
    if (!opened.ok) return opened;
    const { shown, path: folder, deployment } = opened.value;
    if (!deployment.ok) {
      printReport(context, { faults: deployment.error, warnings: [], casesPassed: 0 }, flags.json);
      return NO;
    }
    const environment = oneEnvironment(deployment.value, flags.env);
    if (!environment.ok) return environment;
    const wrangler = await findWrangler(folder);
    if (!wrangler.ok) return refuse(wrangler.error.message);
    const dryRun = flags['dry-run'];
    const credential = dryRun ? ok(null) : await checkCredential(context);
    if (!credential.ok) return credential;
    const one = { ...deployment.value, environments: [environment.value] };
    const contents = await checkContents(context, shown, one);
    if (contents.faults.length > 0) {
      printReport(context, contents, flags.json);
      return NO;
    }
    const stateFolder = await prepareStateFolder(folder, environment.value.name);
    const deploy = async (): Promise<Answer> => {
      const replaceKeys = flags['replace-keys'];
      const input = { folder, stateFolder, deployment: one, environment: environment.value };
      const prepared = await prepareDeployment(context, { ...input, dryRun, replaceKeys });
      if (!prepared.ok) return prepared;
      if (dryRun) return showPlan(context, prepared.value, environment.value, flags.json);
      const tools = toolsOf(context, wrangler.value, { ...input, shown }, prepared.value);
      return perform(context, { ...prepared.value, replace }, tools, flags.json);
    };
    // Two deployments of one environment would upload in turns, and even a dry run replaces the
    // bundles that another process uploads.
    return withLock(join(stateFolder, 'deploy'), deploy);
  },
});

const isVersionPrefix = (text: string): boolean =>
  /^[0-9a-f]+$/.test(text) && text.length >= REPLACE_CHARACTERS_MIN;

function showPlan(
  context: CommandContext,
  { steps }: Prepared,
  { name }: Environment,
  asJson: boolean,
): Answer {
  if (asJson) {
    context.out(showJson({ environment: name, dryRun: true, steps: steps.map(stepFacts) }));
    return YES;
  }
  context.out(`${name}: what hewn deploy would do. The Workers are bundled, nothing is uploaded.`);
  context.out(describePlan(steps));
  return YES;
}

async function perform(
  context: CommandContext,
  prepared: Prepared & { readonly replace: string | undefined },
  tools: DeployTools,
  asJson: boolean,
): Promise<Answer> {
  const { keys, steps } = prepared;
  if (keys === undefined) throw new Error('a deployment without keys');
  const show = (report: StepReport): void => {
    if (!asJson) context.out(describeReport(report));
  };
  const reports = await carryOut(steps, { ...prepared, keys }, tools, show);
  const end = deployed(reports);
  if (asJson) {
    const shown = reports.map(({ step, ...outcome }) => ({ ...stepFacts(step), ...outcome }));
    context.out(showJson({ ok: end.ok, steps: shown }));
  }
  if (end.ok) return YES;
  const { step, outcome } = end.error;
  if (outcome === 'stopped' || step.kind === 'doctor') return NO;
  return refuse(`the step "${step.kind}" failed. Run the command again to continue from there.`);
}

function toolsOf(
  context: CommandContext,
  wrangler: Wrangler,
  input: SiteInput,
  { keys, secrets }: Prepared,
): DeployTools {
  const { folder, environment } = input;
  const { url } = environment.issuer;
  const keyFile = deploymentKeyFile(folder, environment.name);
  return {
    fetch: context.fetch,
    now: context.now,
    sleep: (milliseconds) => sleep(milliseconds),
    wrangler: (args) => runWrangler(wrangler, args, { cwd: folder }),
    headFault: () => findHeadFault(context, url, keys?.feed.publicKey ?? ''),
    versions: versionStoreOf(context, url, keyFile),
    publish: () =>
      publishThrough(context, keyFile, {
        issuer: { url, approverKey: keys?.approver?.privateKey },
        gateways: environment.gateways.map(({ name, url: gateway }) => ({
          url: gateway,
          receiptKey: secrets.get(name)?.RECEIPT_KEY,
        })),
      }),
    doctor: async () => {
      const site = await siteOf(context, input);
      if (!site.ok) return site;
      const findings = await examine(CHECKS, site.value);
      const shown = findings.filter(({ status }) => status === 'fail' || status === 'warn');
      // The report of the step wraps and escapes it once more.
      const text = renderFindings({ outIsTerminal: false }, shown);
      return isHealthy(findings) ? ok(text) : refuse(text);
    },
  };
}
