import { ADMIN_API, asInvalid } from '../../issuer-api/index.ts';
import { refuse } from '../../result.ts';
import { defineCommand, NO, showJson, YES } from '../command.ts';
import { ISSUER_FLAGS, JSON_FLAG, REASON_FLAG } from '../flags.ts';
import { callerOf, describeIssuerFault } from '../issuer.ts';
import { readDeploymentVersion } from './folder.ts';
import { faultLines } from './render.ts';
import { short } from './stored.ts';

export const versionsLoad = defineCommand({
  name: 'versions load',
  summary: 'store the policy and the catalogue of a folder as a version, without activating it',
  operands: '[DIR]',
  description:
    'Sends the policy and the catalogue of a deployment folder to the issuer, which checks and stores them. Nothing decides by them before hewn versions activate. DIR is the folder that contains hewn.toml; by default the current one. A version that is stored already has the same id.',
  flags: { ...REASON_FLAG, ...ISSUER_FLAGS, ...JSON_FLAG },
  examples: ['hewn versions load --reason "reports may be read by the audit team"'],
  exitCodes: { 0: 'it is stored', 1: 'it has a fault, and nothing was stored' },
  run: async ({ flags, operands }, context) => {
    const [folder = '.', unexpected] = operands;
    if (unexpected !== undefined) return refuse('name one folder. See --help');
    const version = await readDeploymentVersion(context, folder);
    if (!version.ok) return version;
    const call = await callerOf(context, flags);
    if (!call.ok) return call;
    const loaded = await call.value(ADMIN_API.versions.loadVersion, {
      body: { ...version.value, reason: flags.reason },
    });
    if (!loaded.ok) {
      const fault = asInvalid(loaded.error);
      if (fault.kind !== 'invalid') {
        return refuse(await describeIssuerFault(context, flags, loaded.error));
      }
      context.out(
        flags.json ? showJson({ faults: fault.faults }) : faultLines(fault.faults).join('\n'),
      );
      return NO;
    }
    const { id, loaded: isNew, dropped, warnings, recorded } = loaded.value;
    if (flags.json) context.out(showJson(loaded.value));
    else {
      for (const line of faultLines(warnings)) context.err(`warning: ${line}`);
      const lines = [
        `${short(id)}  ${isNew ? 'loaded' : 'was loaded already'}`,
        ...dropped.map((one) => `  dropped     ${short(one)}, to make room`),
        ...(recorded ? [] : ['  record      the audit log gets its record later']),
        `  next        hewn versions diff ${short(id)}, then hewn versions activate ${short(id)}`,
      ];
      context.out(lines.join('\n'));
    }
    return YES;
  },
});
