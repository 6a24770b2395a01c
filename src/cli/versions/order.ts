import { ADMIN_API } from '../../issuer-api/index.ts';
import { refuse } from '../../result.ts';
import { diffVersions } from '../../version/index.ts';
import { type Answer, type CommandContext, NO, showJson, YES } from '../command.ts';
import { callerOf, describeIssuerFault, type IssuerFlags } from '../issuer.ts';
import { reportWaiting, WAITS_EXIT_CODE } from '../proposals/order.ts';
import { activationLines, countChanges } from './render.ts';
import { short, showStored } from './stored.ts';

export const ACTIVATION_EXIT_CODES = {
  0: 'it is active',
  1: 'another version is active than expected, and nothing changed',
  ...WAITS_EXIT_CODE,
} as const;

interface ActivationOrder {
  readonly id: string;
  /** The version that is believed to be active; null for none. */
  readonly expects: string | null;
  readonly reason: string;
  readonly json: boolean;
}

/** Activates a version, and prints what that changed. */
export async function activate(
  context: CommandContext,
  flags: IssuerFlags,
  { id, expects, reason, json }: ActivationOrder,
): Promise<Answer> {
  const call = await callerOf(context, flags);
  if (!call.ok) return call;
  const activated = await call.value(ADMIN_API.versions.activateVersion, {
    params: { id },
    body: { expects, reason },
  });
  if (!activated.ok) {
    const { error } = activated;
    if (error.kind === 'proposed') return reportWaiting(context, json, error.proposal);
    const why = await describeIssuerFault(context, flags, error);
    if (error.kind !== 'problem' || error.code !== 'version_conflict') return refuse(why);
    context.out(json ? showJson({ changed: false, ...error.detail }) : why);
    return NO;
  }
  const { changed, activation } = activated.value;
  if (json) {
    context.out(showJson(activated.value));
    return YES;
  }
  if (!changed) {
    context.out(`${short(id)}  is active already`);
    return YES;
  }
  context.out(activationLines(context, activation).join('\n'));
  context.out(`  files       ${await describeChanges(context, flags, activation.before, id)}`);
  if (!activation.in_feed) {
    context.out('  feed        the revocation log gets the catalogue later: mints follow it now');
  }
  return YES;
}

async function describeChanges(
  context: CommandContext,
  flags: IssuerFlags,
  before: string | null,
  id: string,
): Promise<string> {
  const after = await showStored(context, flags, id);
  const was = before === null ? undefined : await showStored(context, flags, before);
  if (!after.ok || was?.ok === false) return 'the two versions could not be compared';
  return countChanges(diffVersions(was?.value, after.value));
}
